#include "cli/fresh.h"

namespace docmill {

Result<Aside> move_aside(const StateLocks& locks, const std::filesystem::path& state,
                         const std::vector<std::filesystem::path>& sources,
                         const std::string& stamp) {
  Aside aside;
  std::vector<FileMark> files;
  for (const StateFolder& folder : locks.sinks) {
    auto found = files_of(folder, aside);
    if (!found) return found.error();
    files.insert(files.end(), found->begin(), found->end());
  }
  if (auto moved = move_files_aside(files, sources, stamp, aside); !moved) return moved.error();
  if (auto moved = move_one_aside(state, stamp, aside); !moved) return moved.error();
  return aside;
}

}  // namespace docmill

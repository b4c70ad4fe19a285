#include "cli/fresh.h"

namespace docmill {

Result<Aside> move_aside(const StateLocks& locks, const std::filesystem::path& state,
                         const std::vector<std::filesystem::path>& sources,
                         const std::string& stamp) {
  Aside aside;
  for (const StateFolder& folder : locks.sinks) {
    if (auto moved = move_files_aside(folder, sources, stamp, aside); !moved) return moved.error();
  }
  if (auto moved = move_one_aside(state, stamp, aside); !moved) return moved.error();
  return aside;
}

}  // namespace docmill

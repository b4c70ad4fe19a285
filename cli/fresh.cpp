#include "cli/fresh.h"

#include <cstdint>
#include <map>
#include <string>

#include "shared/store/folder.h"
#include "shared/store/former_epoch.h"

namespace docmill {
namespace {

using Epochs = std::map<std::string, std::uint64_t>;

// Includes producers that started over alone and have no folder now.
Result<Epochs> epochs_of(const StateLocks& locks, const std::filesystem::path& state,
                         Aside& aside) {
  Epochs epochs;
  for (const StateFolder& folder : locks.producers) {
    const auto epoch = last_epoch_of(state, folder, aside);
    if (!epoch) return epoch.error();
    if (*epoch > 0) epochs[folder.name()] = *epoch;
  }
  for (const std::string& name : locks.new_producers) {
    const auto epoch = FormerEpoch(*locks.disk, state, name).read();
    if (epoch && *epoch > 0) epochs[name] = *epoch;
  }
  return epochs;
}

Result<void> keep(const Epochs& epochs, const StateLocks& locks,
                  const std::filesystem::path& state) {
  if (epochs.empty()) return {};
  if (auto made = make_folder(*locks.disk, state, 0700); !made) return made;
  for (const auto& [name, epoch] : epochs) {
    if (auto kept = FormerEpoch(*locks.disk, state, name).keep(epoch); !kept) return kept;
  }
  return {};
}

}  // namespace

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
  const auto epochs = epochs_of(locks, state, aside);
  if (!epochs) return epochs.error();
  if (auto moved = move_files_aside(files, sources, stamp, aside); !moved) return moved.error();
  if (auto moved = move_one_aside(state, stamp, aside); !moved) return moved.error();
  if (auto kept = keep(*epochs, locks, state); !kept) return kept.error();
  return aside;
}

}  // namespace docmill

#include "shared/runtime/aside.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "shared/store/file_descriptor.h"
#include "shared/store/file_owner.h"
#include "shared/store/folder.h"
#include "shared/store/former_epoch.h"
#include "shared/store/ledger_place.h"
#include "shared/store/ledger_store.h"
#include "shared/store/producer_store.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

bool is_one_of(const std::string& path, const std::vector<std::filesystem::path>& some) {
  return std::any_of(some.begin(), some.end(), [&](const std::filesystem::path& one) {
    std::error_code missing;
    return std::filesystem::equivalent(path, one, missing);
  });
}

}  // namespace

Result<void> move_one_aside(const std::filesystem::path& path, const std::string& stamp,
                            Aside& aside) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return {};
  // "state/" names the folder, not something in it.
  const auto plain = (path.has_filename() ? path : path.parent_path()).string();
  std::filesystem::path target = fmt::format("{}.before-{}", plain, stamp);
  for (int number = 2; std::filesystem::exists(target, failed); ++number) {
    target = fmt::format("{}.before-{}-{}", plain, stamp, number);
  }
  std::filesystem::rename(plain, target, failed);
  if (failed) {
    return file_error(plain, "move aside", failed.value(), "let this user write in its folder");
  }
  aside.moves.emplace_back(plain, target);
  SystemDisk disk;
  return sync_folder(disk, folder_of(target));
}

Result<std::vector<FileMark>> files_of(const StateFolder& folder, Aside& aside) {
  std::vector<FileMark> none;
  if (!LedgerPlace(folder.disk(), folder.path()).exists()) return none;
  auto ledger = LedgerStore::open(folder);
  auto files = ledger ? ledger->marks() : ledger.error();
  if (files) {
    // The database that has the ledger has the rows, too.
    if (const std::string shared = ledger->shared_database(); !shared.empty()) {
      FileFacts found;
      folder.disk().look_at(Disk::kHere, shared, found);
      files->push_back({shared, 0, false, found.identity});
    }
    return files;
  }
  if (files.error().code == ErrorCode::kUnavailable) {
    return unavailable(files.error().text + "; nothing was moved, start over again later");
  }
  aside.remarks.push_back(files.error().text + "; the files of " + folder.name() +
                          " stay where they are, move them away by hand");
  return none;
}

Result<void> move_files_aside(const std::vector<FileMark>& files,
                              const std::vector<std::filesystem::path>& sources,
                              const std::string& stamp, Aside& aside) {
  SystemDisk disk;
  for (const FileMark& file : files) {
    if (is_one_of(file.path, sources)) {
      aside.remarks.push_back(file.path + ": stays where it is, the source reads it");
      continue;
    }
    // A segment that is still written, and was left by a kill, has another name than its mark.
    for (const std::string& path : {file.path, file.path + ".open"}) {
      if (!is_there(disk, path)) continue;
      const auto ours = is_ours(disk, path, file);
      if (!ours) return ours.error();
      if (*ours) {
        if (auto moved = move_one_aside(path, stamp, aside); !moved) return moved;
      } else {
        aside.remarks.push_back(path + ": stays where it is, it is not the file that was written");
      }
    }
  }
  return {};
}

Result<std::uint64_t> last_epoch_of(const std::filesystem::path& state, const StateFolder& folder,
                                    Aside& aside) {
  const auto known = ProducerStore::read(folder);
  const auto former = FormerEpoch(folder.disk(), state, folder.name()).read();
  for (const Error* error :
       {known ? nullptr : &known.error(), former ? nullptr : &former.error()}) {
    if (error == nullptr) continue;
    if (error->code == ErrorCode::kUnavailable) {
      return unavailable(error->text + "; nothing was moved, start over again later");
    }
    aside.remarks.push_back(error->text + "; the epoch of " + folder.name() +
                            " is not known, sinks refuse a new one if a clock was set back");
  }
  const std::uint64_t epoch = known && *known ? (*known)->lineage.epoch : 0;
  return std::max(epoch, former ? *former : 0);
}

Result<Aside> move_daemon_aside(const std::filesystem::path& state, const std::string& name,
                                const std::vector<std::filesystem::path>& sources,
                                const StateFolder::LockWait& wait) {
  Aside aside;
  std::error_code failed;
  if (!std::filesystem::exists(state / name, failed)) return aside;
  SystemDisk disk;
  const auto folder = StateFolder::open(disk, state, name, wait);
  if (!folder) return folder.error();
  // Before it is moved: a new state must begin with a later one.
  const auto epoch = last_epoch_of(state, *folder, aside);
  if (!epoch) return epoch.error();
  if (auto kept = FormerEpoch(disk, state, name).keep(*epoch); !kept) return kept.error();
  const auto files = files_of(*folder, aside);
  if (!files) return files.error();
  const std::string stamp = stamp_now();
  if (auto moved = move_files_aside(*files, sources, stamp, aside); !moved) return moved.error();
  const auto plain = (state.has_filename() ? state : state.parent_path()).string();
  const std::filesystem::path before = fmt::format("{}.before-{}", plain, stamp);
  if (auto made = make_folder(disk, before, 0700); !made) return made.error();
  std::filesystem::rename(state / name, before / name, failed);
  if (failed) {
    return file_error((state / name).string(), "move aside", failed.value(),
                      "let this user write in its folder");
  }
  aside.moves.emplace_back(state / name, before / name);
  if (auto synced = sync_folder(disk, before); !synced) return synced.error();
  if (auto synced = sync_folder(disk, state); !synced) return synced.error();
  return aside;
}

std::string stamp_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now));
}

}  // namespace docmill

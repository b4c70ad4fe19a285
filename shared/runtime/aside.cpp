#include "shared/runtime/aside.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fnmatch.h>

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

namespace fs = std::filesystem;

// sources: files, folders or patterns.
bool is_read_by(const std::vector<fs::path>& sources, const fs::path& file) {
  const fs::path whole = fs::absolute(file).lexically_normal();
  return std::any_of(sources.begin(), sources.end(), [&](const fs::path& source) {
    std::error_code missing;
    const fs::path pattern = fs::absolute(source).lexically_normal();
    return fs::equivalent(file, source, missing) ||
           fs::equivalent(whole.parent_path(), source, missing) ||
           ::fnmatch(pattern.c_str(), whole.c_str(), FNM_PATHNAME) == 0;
  });
}

// "state/" names the folder, not something in it.
std::string without_slash(const fs::path& path) {
  return (path.has_filename() ? path : path.parent_path()).string();
}

// "PATH.before-STAMP", or with "-2" and so on if `inside` is already in that.
fs::path free_name(const fs::path& path, const std::string& stamp, const fs::path& inside) {
  std::error_code unknown;
  fs::path name = fmt::format("{}.before-{}", without_slash(path), stamp);
  // A file with a slash behind its name would never be found.
  const auto is_taken = [&] { return fs::exists(inside.empty() ? name : name / inside, unknown); };
  for (int number = 2; is_taken(); ++number) {
    name = fmt::format("{}.before-{}-{}", without_slash(path), stamp, number);
  }
  return name;
}

Result<void> move_aside(const fs::path& from, const fs::path& to, Aside& aside) {
  std::error_code failed;
  fs::rename(from, to, failed);
  if (failed) {
    return file_error(from.string(), "move aside", failed.value(),
                      "let this user write in its folder");
  }
  aside.moves.emplace_back(from, to);
  SystemDisk disk;
  return sync_folder(disk, folder_of(to));
}

}  // namespace

Result<void> move_one_aside(const fs::path& path, const std::string& stamp, Aside& aside) {
  std::error_code unknown;
  if (!fs::exists(path, unknown)) return {};
  return move_aside(without_slash(path), free_name(path, stamp, ""), aside);
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
                              const std::vector<fs::path>& sources, const std::string& stamp,
                              Aside& aside) {
  SystemDisk disk;
  for (const FileMark& file : files) {
    if (is_read_by(sources, file.path)) {
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

Result<std::uint64_t> last_epoch_of(const fs::path& state, const StateFolder& folder,
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

Result<Aside> move_daemon_aside(const fs::path& state, const std::string& name,
                                const std::vector<fs::path>& sources,
                                const StateFolder::LockWait& wait) {
  Aside aside;
  std::error_code unknown;
  if (!fs::exists(state / name, unknown)) return aside;
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
  const fs::path before = free_name(state, stamp, name);
  if (auto made = make_folder(disk, before, 0700); !made) return made.error();
  if (auto moved = move_aside(state / name, before / name, aside); !moved) return moved.error();
  if (auto synced = sync_folder(disk, state); !synced) return synced.error();
  return aside;
}

std::string stamp_now() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(now));
}

}  // namespace docmill

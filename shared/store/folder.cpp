#include "shared/store/folder.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

DiskFile open_folder(Disk& disk, const std::filesystem::path& path) {
  return {disk, disk.open(Disk::kHere, path.string(), O_RDONLY | O_DIRECTORY, 0)};
}

bool is_folder(Disk& disk, const std::filesystem::path& path) {
  FileFacts found;
  return disk.look_at(Disk::kHere, path.string(), found) == 0 &&
         found.kind == FileFacts::Kind::kFolder;
}

int sync_all_names(const DiskFile& folder) {
  while (folder.sync_names() != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// Another process may make it at the same time.
Result<void> make_one_folder(Disk& disk, const std::filesystem::path& path, mode_t mode) {
  const int problem = disk.make_folder(Disk::kHere, path.string(), mode) == 0 ? 0 : errno;
  if (problem == 0 || is_folder(disk, path)) return {};
  return file_error(path.string(), "create folder", problem == EEXIST ? ENOTDIR : problem,
                    "let this user write there, or name another folder");
}

Error not_synced(const std::filesystem::path& path, int error_number) {
  return corrupt(fmt::format("{}: sync folder: {}; check the disk, then start again", path.string(),
                             error_text(error_number)));
}

// For a folder in which we made nothing: one that we may not read, or that knows no syncs (/ on a
// disk that is only read), is its owner's care.
Result<void> sync_existing(Disk& disk, const std::filesystem::path& path) {
  const DiskFile folder = open_folder(disk, path);
  if (!folder.open() && is_transient(errno)) return disk_error(path.string(), "open folder", errno);
  if (!folder.open()) return {};
  const int error_number = sync_all_names(folder);
  if (error_number == 0 || error_number == EINVAL || error_number == EROFS) return {};
  return not_synced(path, error_number);
}

}  // namespace

bool is_there(Disk& disk, const std::filesystem::path& path) {
  FileFacts found;
  return disk.look_at(Disk::kHere, path.string(), found) == 0;
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  return folder.empty() ? "." : folder;
}

Result<void> make_folder(Disk& disk, const std::filesystem::path& path, mode_t mode) {
  const std::filesystem::path above = folder_of(path);
  if (path == above) return {};  // the root, or where we are
  if (auto made = make_folder(disk, above, mode); !made.ok()) return made;
  // Who made it may have died before its sync, or be about to do it, or not care.
  if (is_folder(disk, path)) return sync_existing(disk, above);
  if (auto made = make_one_folder(disk, path, mode); !made.ok()) return made;
  return sync_folder(disk, above);
}

Result<void> make_folder_unsynced(Disk& disk, const std::filesystem::path& path, mode_t mode) {
  const std::filesystem::path above = folder_of(path);
  if (path == above || is_folder(disk, path)) return {};
  if (auto made = make_folder_unsynced(disk, above, mode); !made.ok()) return made;
  return make_one_folder(disk, path, mode);
}

Result<void> sync_folder(Disk& disk, const std::filesystem::path& path) {
  const DiskFile folder = open_folder(disk, path);
  if (!folder.open()) {
    return file_error(path.string(), "open folder", errno,
                      "let this user read it, or name another folder");
  }
  if (const int error_number = sync_all_names(folder); error_number != 0) {
    return not_synced(path, error_number);
  }
  return {};
}

int sync_data(const DiskFile& file) {
  while (file.sync() != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace docmill

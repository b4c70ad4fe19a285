#include "shared/store/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace docmill {
namespace {

bool is_folder(const std::filesystem::path& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

int sync_all(const FileDescriptor& file) {
  while (fsync(file.number()) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

Error not_synced(const std::filesystem::path& path, int error_number) {
  return corrupt(fmt::format("{}: sync folder: {}; check the disk, then start again", path.string(),
                             error_text(error_number)));
}

// For a folder in which we made nothing: one that we may not read, or that knows no syncs (/ on a
// disk that is only read), is its owner's care.
Result<void> sync_existing(const std::filesystem::path& path) {
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() && is_transient(errno)) return disk_error(path.string(), "open folder", errno);
  if (!folder.open()) return {};
  const int error_number = sync_all(folder);
  if (error_number == 0 || error_number == EINVAL || error_number == EROFS) return {};
  return not_synced(path, error_number);
}

}  // namespace

std::filesystem::path folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.parent_path();
  return folder.empty() ? "." : folder;
}

Result<void> make_folder(const std::filesystem::path& path, mode_t mode) {
  const std::filesystem::path above = folder_of(path);
  if (path == above) return {};  // the root, or where we are
  if (auto made = make_folder(above, mode); !made.ok()) return made;
  // Who made it may have died before its sync, or be about to do it, or not care.
  if (is_folder(path)) return sync_existing(above);
  const int problem = mkdir(path.c_str(), mode) == 0 ? 0 : errno;
  // Another process may have made it since.
  if (problem != 0 && !is_folder(path)) {
    return file_error(path.string(), "create folder", problem == EEXIST ? ENOTDIR : problem,
                      "let this user write there, or name another folder");
  }
  return sync_folder(above);
}

Result<void> sync_folder(const std::filesystem::path& path) {
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open()) {
    return file_error(path.string(), "open folder", errno,
                      "let this user read it, or name another folder");
  }
  if (const int error_number = sync_all(folder); error_number != 0) {
    return not_synced(path, error_number);
  }
  return {};
}

int sync_data(const FileDescriptor& file) {
  while (fdatasync(file.number()) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace docmill

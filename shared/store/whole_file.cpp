#include "shared/store/whole_file.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/store/disk_file.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

// The name of the file is not durable yet.
Result<void> write_new(Disk& disk, const std::string& path, std::string_view text) {
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_WRONLY | O_CREAT | O_EXCL, 0666));
  if (!file.open()) {
    return file_error(path, "open", errno,
                      "let this user write there, or name another state folder");
  }
  for (std::size_t written = 0; written < text.size();) {
    const ssize_t count = file.write(text.substr(written), written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count == 0 || errno != EINTR) {
      return disk_error(path, "write", count == 0 ? EIO : errno);
    }
  }
  const int problem = sync_data(file);
  if (problem == 0) return {};
  return corrupt(
      fmt::format("{}: sync: {}; check the disk, then start again", path, error_text(problem)));
}

}  // namespace

int read_whole(Disk& disk, const std::filesystem::path& path, std::string& text) {
  text.clear();
  const DiskFile file(disk, disk.open(Disk::kHere, path.string(), O_RDONLY | O_NONBLOCK, 0));
  if (!file.open()) return errno;
  char piece[4096];
  for (;;) {
    const ssize_t count = file.read(piece, sizeof piece, text.size());
    if (count == 0) return 0;
    if (count > 0) text.append(piece, static_cast<std::size_t>(count));
    if (count < 0 && errno != EINTR) return errno;
  }
}

Result<void> write_whole(Disk& disk, const std::filesystem::path& path, const std::string& text) {
  const std::string begun = path.string() + ".new";
  // What an earlier try has left; a full disk may refuse that, too.
  if (disk.remove(Disk::kHere, begun) != 0 && errno != ENOENT) {
    return file_error(begun, "remove", errno,
                      "let this user write there, or name another state folder");
  }
  if (auto written = write_new(disk, begun, text); !written) return written;
  if (disk.rename(begun, path.string()) != 0) {
    return file_error(path.string(), "rename", errno,
                      "let this user write there, or name another state folder");
  }
  return sync_folder(disk, folder_of(path));
}

}  // namespace docmill

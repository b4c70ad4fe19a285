#include "shared/store/whole_file.h"

#include <cerrno>
#include <optional>

#include "shared/store/append_file.h"
#include "shared/store/disk_file.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {

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
  auto file = AppendFile::open(disk, begun, std::nullopt);
  if (!file) return file.error();
  file->append(text);
  if (auto synced = file->sync(); !synced) return synced;
  if (disk.rename(begun, path.string()) != 0) {
    return file_error(path.string(), "rename", errno,
                      "let this user write there, or name another state folder");
  }
  return sync_folder(disk, folder_of(path));
}

}  // namespace docmill

#include "shared/store/file_owner.h"

#include <algorithm>
#include <cerrno>

#include "shared/base/hash.h"
#include "shared/store/disk_file.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr std::size_t kLongestTail = 4096;

Result<bool> has_tail(Disk& disk, const std::string& path, const FileMark& mark) {
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_RDONLY | O_NONBLOCK, 0));
  if (!file.open()) {
    return file_error(path, "open", errno, "let this user read it, or name another file");
  }
  std::string bytes(std::min<std::uint64_t>(mark.tail.size, kLongestTail), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        file.read(&bytes[done], bytes.size() - done, mark.length - mark.tail.size + done);
    if (count == 0) return false;
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return file_error(path, "read", errno, "let this user read it, or name another file");
    }
  }
  return hash64(bytes) == mark.tail.hash;
}

}  // namespace

FileTail tail_of(std::string_view appended) {
  const std::size_t size = std::min(appended.size(), kLongestTail);
  return {size, hash64(appended.substr(appended.size() - size))};
}

Result<bool> is_ours(Disk& disk, const std::string& path, const FileMark& mark) {
  FileFacts found;
  if (disk.look_at(Disk::kHere, path, found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return file_error(path, "look", errno, "let this user read its folder");
  }
  if (mark.file.known() && found.identity == mark.file) return true;
  if (found.kind != FileFacts::Kind::kFile) return !mark.file.known();
  if (mark.length == 0) return found.size == 0;
  if (found.size < mark.length) return false;
  if (mark.tail.size > 0 && mark.tail.size <= mark.length) return has_tail(disk, path, mark);
  return !mark.file.known() || found.size == mark.length;
}

}  // namespace docmill

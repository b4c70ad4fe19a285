#include "shared/store/file_owner.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "shared/base/hash.h"
#include "shared/store/disk_file.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr std::size_t kLongestTail = 4096;

// Fewer bytes where the file ends before.
Result<std::string> read_at(Disk& disk, const std::string& path, std::uint64_t offset,
                            std::size_t size) {
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_RDONLY | O_NONBLOCK, 0));
  if (!file.open()) {
    return file_error(path, "open", errno, "let this user read it, or name another file");
  }
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = file.read(&bytes[done], size - done, offset + done);
    if (count == 0) break;
    if (count > 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      return file_error(path, "read", errno, "let this user read it, or name another file");
    }
  }
  bytes.resize(done);
  return bytes;
}

// A copy of the folder has the list that was committed last.
Result<bool> has_list(Disk& disk, const std::string& folder, const FileMark& mark) {
  std::vector<std::string> names;
  if (disk.list(folder, names) != 0) {
    return file_error(folder, "read folder", errno, "let this user read it");
  }
  for (const std::string& name : names) {
    if (!name.ends_with(kListEnd)) continue;
    if (mark.tail.size == 0) return true;
    const std::string path = folder + "/" + name;
    FileFacts found;
    if (disk.look_at(Disk::kHere, path, found) != 0) continue;
    if (found.kind != FileFacts::Kind::kFile) continue;
    auto listed = has_tail(disk, path, found.size, mark.tail);
    if (!listed || *listed) return listed;
  }
  return false;
}

}  // namespace

FileTail tail_of(std::string_view appended) {
  const std::size_t size = std::min(appended.size(), kLongestTail);
  return {size, hash64(appended.substr(appended.size() - size))};
}

Result<bool> has_tail(Disk& disk, const std::string& path, std::uint64_t length,
                      const FileTail& tail) {
  if (tail.size == 0 || length < tail.size) return false;
  const std::size_t size = std::min<std::uint64_t>(tail.size, kLongestTail);
  const auto bytes = read_at(disk, path, length - size, size);
  if (!bytes) return bytes.error();
  return bytes->size() == size && hash64(*bytes) == tail.hash;
}

Result<bool> is_ours(Disk& disk, const std::string& path, const FileMark& mark) {
  FileFacts found;
  if (disk.look_at(Disk::kHere, path, found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return file_error(path, "look", errno, "let this user read its folder");
  }
  if (mark.file.known() && found.identity == mark.file) return true;
  if (found.kind != FileFacts::Kind::kFile) {
    if (!mark.file.known()) return true;
    const bool may_be_copy = found.kind == FileFacts::Kind::kFolder && mark.length > 0;
    return may_be_copy ? has_list(disk, path, mark) : Result<bool>(false);
  }
  if (mark.length == 0) return found.size == 0;
  if (found.size < mark.length) return false;
  if (mark.tail.size > 0 && mark.tail.size <= mark.length) {
    return has_tail(disk, path, mark.length, mark.tail);
  }
  return !mark.file.known() || found.size == mark.length;
}

Result<bool> has_bytes(Disk& disk, const std::string& path, std::uint64_t offset,
                       std::string_view bytes) {
  const auto found = read_at(disk, path, offset, bytes.size());
  if (!found) return found.error();
  return *found == bytes;
}

}  // namespace docmill

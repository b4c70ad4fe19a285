#include "shared/store/system_disk.h"

#include <dirent.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace docmill {
namespace {

// Unlike stat() it tells when a file was made.
int look_by(int folder, const char* path, int flags, FileFacts& facts) {
  struct statx found {};
  if (::statx(folder, path, flags, STATX_TYPE | STATX_SIZE | STATX_INO | STATX_BTIME, &found) != 0)
    return -1;
  facts.kind = S_ISREG(found.stx_mode)   ? FileFacts::Kind::kFile
               : S_ISDIR(found.stx_mode) ? FileFacts::Kind::kFolder
                                         : FileFacts::Kind::kOther;
  facts.size = found.stx_size;
  facts.identity = {found.stx_ino, 0};
  if ((found.stx_mask & STATX_BTIME) != 0) {
    facts.identity.born = static_cast<std::uint64_t>(found.stx_btime.tv_sec) * 1'000'000'000 +
                          found.stx_btime.tv_nsec;
  }
  return 0;
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

}  // namespace

int SystemDisk::open(int folder, const std::string& path, int flags, mode_t mode) {
  return ::openat(folder, path.c_str(), flags | O_CLOEXEC, mode);
}

int SystemDisk::open_beneath(int folder, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // The C library has no function for it.
  return static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
}

void SystemDisk::close(int file) { ::close(file); }

ssize_t SystemDisk::read(int file, char* bytes, std::size_t size, std::uint64_t offset) {
  return ::pread(file, bytes, size, static_cast<off_t>(offset));
}

ssize_t SystemDisk::write(int file, std::string_view bytes, std::uint64_t offset) {
  return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
}

int SystemDisk::truncate(int file, std::uint64_t size) {
  return ::ftruncate(file, static_cast<off_t>(size));
}

int SystemDisk::sync(int file) { return ::fdatasync(file); }

int SystemDisk::sync_names(int folder) { return ::fsync(folder); }

int SystemDisk::sync_everything(int file) { return ::syncfs(file); }

int SystemDisk::lock(int file) { return ::flock(file, LOCK_EX | LOCK_NB); }

int SystemDisk::look(int file, FileFacts& facts) { return look_by(file, "", AT_EMPTY_PATH, facts); }

int SystemDisk::look_at(int folder, const std::string& path, FileFacts& facts) {
  return look_by(folder, path.c_str(), 0, facts);
}

// The calls without `at` where there is a choice: tests/chaos/power_loss.cpp follows those.
int SystemDisk::make_folder(int folder, const std::string& path, mode_t mode) {
  return folder == kHere ? ::mkdir(path.c_str(), mode) : ::mkdirat(folder, path.c_str(), mode);
}

int SystemDisk::rename(const std::string& from, const std::string& to) {
  return ::rename(from.c_str(), to.c_str());
}

int SystemDisk::rename_new(int from_folder, const std::string& from, int to_folder,
                           const std::string& to) {
  return ::renameat2(from_folder, from.c_str(), to_folder, to.c_str(), RENAME_NOREPLACE);
}

int SystemDisk::remove(int folder, const std::string& path) {
  return folder == kHere ? ::unlink(path.c_str()) : ::unlinkat(folder, path.c_str(), 0);
}

int SystemDisk::list(const std::string& path, std::vector<std::string>& names) {
  const std::unique_ptr<DIR, CloseFolder> folder(opendir(path.c_str()));
  if (!folder) return -1;
  errno = 0;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  return errno == 0 ? 0 : -1;
}

}  // namespace docmill

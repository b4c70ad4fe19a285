// Preloaded into a daemon (LD_PRELOAD), writes down what it does to its disk: each change of a file
// or folder below DOCMILL_POWER_ROOT, and each sync, after it was done. From that
// tests/chaos/disk_model.py makes the disk that a power cut would have left.
//
// One journal per process in the folder DOCMILL_POWER_JOURNAL; the entries of all processes are
// numbered by one counter, in the file `order` there. An entry is one write(), so that kill -9
// leaves at most the last one torn.
//
//   | order u64 | file u64 | offset u64 | kind u32 | size u32 | bytes ... |   native byte order
//
// file is an inode; bytes are what was written, or a path. What it does not know it cannot write
// down: the case compares the model with the real folder after each run that ended by itself.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

enum Kind : std::uint32_t {
  kWrite = 1,
  kTruncate = 2,  // offset is the new size
  kSync = 3,
  kCreate = 4,
  kFolder = 5,
  kRemove = 6,
  kRename = 7,   // bytes are both paths, a zero byte between them
  kUnknown = 8,  // a call that the model has no idea of
};

struct Header {
  std::uint64_t order;
  std::uint64_t file;
  std::uint64_t offset;
  std::uint32_t kind;
  std::uint32_t size;
};

class Journal {
 public:
  static Journal& instance() {
    static auto* journal = new Journal();  // outlives every thread
    return *journal;
  }

  void add(Kind kind, std::uint64_t file, std::uint64_t offset, std::string_view bytes) {
    if (fd_ < 0) return;
    const Header header{order_->fetch_add(1), file, offset, kind,
                        static_cast<std::uint32_t>(bytes.size())};
    std::array<iovec, 2> parts{{{const_cast<Header*>(&header), sizeof header},
                                {const_cast<char*>(bytes.data()), bytes.size()}}};
    if (syscall(SYS_writev, fd_, parts.data(), 2) !=
        static_cast<ssize_t>(sizeof header + bytes.size())) {
      abort();
    }
  }

  // The path of what is below the root, or is the root; else empty.
  std::string inside(const std::string& path) const {
    if (root_.empty() || path.compare(0, root_.size(), root_) != 0) return "";
    return path.size() == root_.size() || path[root_.size()] == '/' ? path : "";
  }

 private:
  Journal() {
    const char* root = getenv("DOCMILL_POWER_ROOT");
    const char* folder = getenv("DOCMILL_POWER_JOURNAL");
    if (root == nullptr || folder == nullptr) return;
    const std::string counter = std::string(folder) + "/order";
    const int file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, counter.c_str(), O_RDWR));
    const std::string name = std::string(folder) + "/" + std::to_string(getpid());
    fd_ = static_cast<int>(syscall(SYS_openat, AT_FDCWD, name.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    void* shared = mmap(nullptr, sizeof *order_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file < 0 || fd_ < 0 || shared == MAP_FAILED) abort();
    order_ = static_cast<std::atomic<std::uint64_t>*>(shared);
    root_ = root;
  }

  std::string root_;
  int fd_ = -1;
  std::atomic<std::uint64_t>* order_ = nullptr;
};

// The inodes of the open files that are followed.
std::array<std::atomic<std::uint64_t>, 65536> followed{};

std::uint64_t inode(int fd) {
  return fd < 0 || fd >= static_cast<int>(followed.size()) ? 0 : followed[fd].load();
}

// The whole path of what a call names.
std::string path_of(int folder, const char* path) {
  if (path == nullptr) return "";
  if (path[0] == '/') return Journal::instance().inside(path);
  std::array<char, PATH_MAX> place{};
  if (folder == AT_FDCWD) {
    if (getcwd(place.data(), place.size()) == nullptr) return "";
  } else {
    const std::string link = "/proc/self/fd/" + std::to_string(folder);
    if (readlink(link.c_str(), place.data(), place.size() - 1) < 0) return "";
  }
  return Journal::instance().inside(std::string(place.data()) + "/" + path);
}

bool is_there(const std::string& path) {
  struct stat found {};
  return lstat(path.c_str(), &found) == 0;
}

int opened(int fd, const std::string& path, int flags, bool was_there) {
  struct stat found {};
  if (fd < 0 || path.empty() || fd >= static_cast<int>(followed.size()) || fstat(fd, &found) != 0) {
    return fd;
  }
  followed[fd] = found.st_ino;
  if (!was_there) Journal::instance().add(kCreate, found.st_ino, 0, path);
  if (was_there && (flags & O_TRUNC) != 0) Journal::instance().add(kTruncate, found.st_ino, 0, "");
  return fd;
}

ssize_t written(int fd, ssize_t count, const void* bytes, off_t offset) {
  const int error_number = errno;
  if (count > 0 && inode(fd) != 0) {
    Journal::instance().add(kWrite, inode(fd), static_cast<std::uint64_t>(offset),
                            {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
  }
  errno = error_number;
  return count;
}

int synced(int fd, int result) {
  if (result == 0 && inode(fd) != 0) Journal::instance().add(kSync, inode(fd), 0, "");
  return result;
}

int named(int result, Kind kind, const std::string& path) {
  struct stat found {};
  if (result != 0 || path.empty()) return result;
  if (kind == kFolder && lstat(path.c_str(), &found) != 0) return result;
  Journal::instance().add(kind, found.st_ino, 0, path);
  return result;
}

int renamed(int result, const std::string& from, const std::string& to) {
  if (result == 0 && !from.empty()) {
    Journal::instance().add(kRename, 0, 0, from + std::string(1, '\0') + to);
  }
  return result;
}

void unknown(int fd, const char* call) {
  if (inode(fd) != 0) Journal::instance().add(kUnknown, inode(fd), 0, call);
}

int open_at(int folder, const char* path, int flags, mode_t mode) {
  const std::string whole = path_of(folder, path);
  const bool was_there = whole.empty() || is_there(whole);
  return opened(static_cast<int>(syscall(SYS_openat, folder, path, flags, mode)), whole, flags,
                was_there);
}

}  // namespace

#define MODE_ARGUMENT                         \
  mode_t mode = 0;                            \
  if ((flags & (O_CREAT | O_TMPFILE)) != 0) { \
    va_list more;                             \
    va_start(more, flags);                    \
    mode = va_arg(more, mode_t);              \
    va_end(more);                             \
  }

extern "C" {

int open(const char* path, int flags, ...) {
  MODE_ARGUMENT
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  MODE_ARGUMENT
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  MODE_ARGUMENT
  return open_at(folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  MODE_ARGUMENT
  return open_at(folder, path, flags, mode);
}
int close(int fd) {
  if (inode(fd) != 0) followed[fd] = 0;
  return static_cast<int>(syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* bytes, size_t size) {
  const ssize_t count = syscall(SYS_write, fd, bytes, size);
  return inode(fd) == 0 ? count : written(fd, count, bytes, lseek(fd, 0, SEEK_CUR) - count);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return written(fd, syscall(SYS_pwrite64, fd, bytes, size, offset), bytes, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return written(fd, syscall(SYS_pwrite64, fd, bytes, size, offset), bytes, offset);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  unknown(fd, "writev");
  return syscall(SYS_writev, fd, parts, count);
}
int ftruncate(int fd, off_t size) {
  const int result = static_cast<int>(syscall(SYS_ftruncate, fd, size));
  if (result == 0 && inode(fd) != 0) {
    Journal::instance().add(kTruncate, inode(fd), static_cast<std::uint64_t>(size), "");
  }
  return result;
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
int fallocate(int fd, int mode, off_t offset, off_t size) {
  unknown(fd, "fallocate");
  return static_cast<int>(syscall(SYS_fallocate, fd, mode, offset, size));
}
void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) noexcept {
  if ((flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) unknown(fd, "mmap");
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, size, protection, flags, fd, offset));
}

int fsync(int fd) { return synced(fd, static_cast<int>(syscall(SYS_fsync, fd))); }
int fdatasync(int fd) { return synced(fd, static_cast<int>(syscall(SYS_fdatasync, fd))); }

int mkdir(const char* path, mode_t mode) noexcept {
  return named(static_cast<int>(syscall(SYS_mkdir, path, mode)), kFolder, path_of(AT_FDCWD, path));
}
int unlink(const char* path) noexcept {
  return named(static_cast<int>(syscall(SYS_unlink, path)), kRemove, path_of(AT_FDCWD, path));
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return named(static_cast<int>(syscall(SYS_unlinkat, folder, path, flags)), kRemove,
               path_of(folder, path));
}
int rmdir(const char* path) noexcept {
  return named(static_cast<int>(syscall(SYS_rmdir, path)), kRemove, path_of(AT_FDCWD, path));
}
int remove(const char* path) noexcept {
  const int result = unlink(path);
  return result != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}
int rename(const char* from, const char* to) noexcept {
  return renamed(static_cast<int>(syscall(SYS_rename, from, to)), path_of(AT_FDCWD, from),
                 path_of(AT_FDCWD, to));
}

}  // extern "C"

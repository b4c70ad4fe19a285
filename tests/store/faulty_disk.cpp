#include "tests/store/faulty_disk.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/check.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

constexpr int kCrashed = 86;

// A change of a file's bytes that is not synced yet, with what undoes it.
struct Change {
  ino_t file;
  int descriptor;
  off_t offset;
  std::string before;  // what it covered
  off_t size_before;
  std::optional<std::string> after;  // none: the file was cut at the offset
};

struct Crash {
  int calls_left = 0;
  Loss loss = Loss::kNothing;
  std::mt19937 random;
  std::map<ino_t, int> descriptors;
  std::vector<Change> changes;  // unsynced ones, in order
};

struct Faults {
  std::optional<std::pair<DiskCall, int>> error;
  int times = 0;  // that it comes again
  std::optional<std::pair<DiskCall, std::function<void()>>> meddling;
  std::optional<std::size_t> write_at_most;
  bool skip_syncs = false;
  std::optional<Crash> crash;
};

Faults& faults() {
  static Faults faults;
  return faults;
}

ssize_t real_pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  return syscall(SYS_pwrite64, fd, bytes, size, offset);
}
int real_ftruncate(int fd, off_t size) {
  return static_cast<int>(syscall(SYS_ftruncate, fd, size));
}

void put(const Change& change, std::string_view bytes) {
  real_pwrite(change.descriptor, bytes.data(), bytes.size(), change.offset);
}

[[noreturn]] void lose_and_exit(Crash& crash) {
  if (crash.loss != Loss::kNothing) {
    for (auto change = crash.changes.rbegin(); change != crash.changes.rend(); ++change) {
      put(*change, change->before);
      real_ftruncate(change->descriptor, change->size_before);
    }
  }
  if (crash.loss == Loss::kSome) {
    for (const Change& change : crash.changes) {
      const auto luck = crash.random() % 3;
      if (luck == 0) continue;
      if (!change.after) {
        real_ftruncate(change.descriptor, change.offset);
      } else {
        put(change, std::string_view(*change.after).substr(0, change.after->size() / luck));
      }
    }
  }
  _exit(kCrashed);
}

// Counts the call, ends the process when its time has come, and remembers how to undo the call.
void remember(int fd, off_t offset, std::optional<std::string> after) {
  Crash& crash = *faults().crash;
  if (--crash.calls_left == 0) lose_and_exit(crash);
  struct stat found {};
  fstat(fd, &found);
  int& descriptor = crash.descriptors.try_emplace(found.st_ino, -1).first->second;
  if (descriptor < 0) {
    // The program's own one may be write-only, and closed before the crash.
    descriptor = open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDWR | O_CLOEXEC);
    DOCMILL_CHECK(descriptor >= 0, "errno {}", errno);
  }
  const off_t end = after ? offset + static_cast<off_t>(after->size()) : found.st_size;
  std::string before(static_cast<std::size_t>(std::max<off_t>(end - offset, 0)), '\0');
  const ssize_t got = pread(descriptor, before.data(), before.size(), offset);
  before.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  crash.changes.push_back(
      {found.st_ino, descriptor, offset, std::move(before), found.st_size, std::move(after)});
}

// Whether the call fails; errno says how.
bool fails(DiskCall call) {
  if (faults().meddling && faults().meddling->first == call) {
    std::exchange(faults().meddling, std::nullopt)->second();
  }
  std::optional<std::pair<DiskCall, int>>& error = faults().error;
  if (!error || error->first != call) return false;
  errno = error->second;
  if (--faults().times <= 0) error.reset();
  return true;
}

ssize_t faulty_pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  if (fails(DiskCall::kWrite)) return -1;
  size = std::min(size, faults().write_at_most.value_or(size));
  if (faults().crash) remember(fd, offset, std::string(static_cast<const char*>(bytes), size));
  return real_pwrite(fd, bytes, size, offset);
}

ssize_t faulty_pread(int fd, void* bytes, std::size_t size, off_t offset) {
  if (fails(DiskCall::kRead)) return -1;
  return syscall(SYS_pread64, fd, bytes, size, offset);
}

int faulty_ftruncate(int fd, off_t size) {
  if (fails(DiskCall::kTruncate)) return -1;
  if (faults().crash) remember(fd, size, std::nullopt);
  return real_ftruncate(fd, size);
}

int faulty_sync(int fd, long real_call) {
  if (fails(DiskCall::kSync)) return -1;
  if (faults().skip_syncs) return 0;
  if (!faults().crash) return static_cast<int>(syscall(real_call, fd));
  Crash& crash = *faults().crash;
  if (--crash.calls_left == 0) lose_and_exit(crash);
  struct stat found {};
  fstat(fd, &found);
  std::erase_if(crash.changes, [&](const Change& change) { return change.file == found.st_ino; });
  return 0;
}

// Of everything.
int faulty_syncfs(int fd) {
  if (fails(DiskCall::kSync)) return -1;
  if (faults().skip_syncs) return 0;
  if (!faults().crash) return static_cast<int>(syscall(SYS_syncfs, fd));
  if (--faults().crash->calls_left == 0) lose_and_exit(*faults().crash);
  faults().crash->changes.clear();
  return 0;
}

// Names are not taken back by a crash: what was renamed or removed stays so.
int faulty_name_change(long real_call, long a, long b, long c, long d, long e) {
  if (fails(DiskCall::kName)) return -1;
  if (faults().crash && --faults().crash->calls_left == 0) lose_and_exit(*faults().crash);
  return static_cast<int>(syscall(real_call, a, b, c, d, e));
}

long as_long(const char* path) { return reinterpret_cast<long>(path); }

}  // namespace

FaultyDisk::FaultyDisk() { faults() = {}; }
FaultyDisk::~FaultyDisk() { faults() = {}; }

void FaultyDisk::fail_next(DiskCall call, int error_number, int times) {
  faults().error = {call, error_number};
  faults().times = times;
}
void FaultyDisk::before_next(DiskCall call, std::function<void()> act) {
  faults().meddling = {call, std::move(act)};
}
void FaultyDisk::write_at_most(std::size_t bytes) { faults().write_at_most = bytes; }
void FaultyDisk::skip_syncs() { faults().skip_syncs = true; }
void FaultyDisk::crash_at(int call, Loss loss, unsigned seed) {
  faults().crash = Crash{call, loss, std::mt19937(seed), {}, {}};
}

Ended crash_at(int call, Loss loss, unsigned seed,
               const std::function<void(const std::function<void()>& acknowledge)>& work) {
  int pipe_ends[2];
  DOCMILL_CHECK(pipe(pipe_ends) == 0, "errno {}", errno);
  const pid_t child = fork();
  DOCMILL_CHECK(child >= 0, "errno {}", errno);
  if (child == 0) {
    FaultyDisk disk;
    disk.crash_at(call, loss, seed);
    try {
      work([&] { DOCMILL_CHECK(write(pipe_ends[1], "!", 1) == 1, "errno {}", errno); });
    } catch (...) {  // a failed REQUIRE: the other tests are the parent's
      std::cout.flush();
      _exit(1);
    }
    _exit(0);
  }
  close(pipe_ends[1]);
  Ended ended;
  char byte = 0;
  while (read(pipe_ends[0], &byte, 1) == 1) ++ended.acknowledged;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code != 0 && code != kCrashed) FAIL("the child ended with status " << status);
  ended.crashed = code == kCrashed;
  return ended;
}

}  // namespace docmill

extern "C" {
ssize_t pread(int fd, void* bytes, std::size_t size, off_t offset) {
  return docmill::faulty_pread(fd, bytes, size, offset);
}
ssize_t pread64(int fd, void* bytes, std::size_t size, off64_t offset) {
  return docmill::faulty_pread(fd, bytes, size, offset);
}
ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t offset) {
  return docmill::faulty_pwrite(fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t offset) {
  return docmill::faulty_pwrite(fd, bytes, size, offset);
}
int ftruncate(int fd, off_t size) noexcept { return docmill::faulty_ftruncate(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return docmill::faulty_ftruncate(fd, size); }
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return docmill::faulty_name_change(SYS_renameat2, from_folder, docmill::as_long(from), to_folder,
                                     docmill::as_long(to), flags);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return docmill::faulty_name_change(SYS_unlinkat, folder, docmill::as_long(path), flags, 0, 0);
}
int syncfs(int fd) noexcept { return docmill::faulty_syncfs(fd); }
int fsync(int fd) { return docmill::faulty_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return docmill::faulty_sync(fd, SYS_fdatasync); }
}

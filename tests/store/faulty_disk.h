// The disk as this test program sees it, with faults when a test asks for them.
//
// The dynamic linker finds our pread, pwrite, ftruncate, fdatasync, fsync, syncfs, renameat2 and
// unlinkat before those of the C library, for this program and for SQLite. They do the real thing
// unless a fault is set. What the faults are kept in is global to the process, as the calls are.
#pragma once

#include <cstddef>
#include <functional>

namespace docmill {

enum class DiskCall { kRead, kWrite, kTruncate, kSync, kName };

// What a crash takes with it.
enum class Loss {
  kNothing,   // the process dies, the kernel lives: all that was written is there
  kUnsynced,  // power cut: what was not synced is gone
  kSome,      // power cut: of what was not synced each write is there, gone or cut in half
};

// Sets faults; none are left when it goes.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // The next calls of this kind give the error and do nothing; the ones after them work.
  void fail_next(DiskCall call, int error_number, int times = 1);
  // Another program does something just before the next call of this kind.
  void before_next(DiskCall call, std::function<void()> act);
  // A write takes no more than so many bytes.
  void write_at_most(std::size_t bytes);
  // Says that it synced, at once.
  void skip_syncs();
  // The process ends at the given call, counted from 1.
  void crash_at(int call, Loss loss, unsigned seed);
};

struct Ended {
  int acknowledged = 0;
  bool crashed = false;  // otherwise the work came to its end
};

// Does the work in a child process whose disk crashes at the given call. The work calls its
// argument each time something must have become durable.
Ended crash_at(int call, Loss loss, unsigned seed,
               const std::function<void(const std::function<void()>& acknowledge)>& work);

}  // namespace docmill

// WorkerProgress: which document a worker works on, as the worker says it, and Overdue: whether
// that is the same one for too long, as the thread that watches it finds out.
//
// A thread cannot be stopped from outside, so nothing here stops anything. The worker reads no
// clock: it says that another document has begun, in one store, and the watcher has the time.
#pragma once

#include <atomic>
#include <cstdint>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

class WorkerProgress {
 public:
  // The worker's thread. Each document is told from the one before, of the same index too.
  void begin(std::uint32_t index) {
    mark_.store(std::uint64_t{++begun_} << 32 | index, std::memory_order_relaxed);
    busy_.store(true, std::memory_order_relaxed);
  }
  void end() { busy_.store(false, std::memory_order_relaxed); }
  // The name of the processor that runs now; it must stay where it is for as long as the worker.
  void in(const char* processor) { processor_.store(processor, std::memory_order_relaxed); }

  // Any thread.
  bool busy() const { return busy_.load(std::memory_order_relaxed); }
  std::uint64_t mark() const { return mark_.load(std::memory_order_relaxed); }
  static constexpr std::uint32_t index_of(std::uint64_t mark) {
    return static_cast<std::uint32_t>(mark);
  }
  const char* processor() const { return processor_.load(std::memory_order_relaxed); }

 private:
  std::uint32_t begun_ = 0;
  std::atomic<std::uint64_t> mark_ = 0;
  std::atomic<bool> busy_ = false;
  std::atomic<const char*> processor_ = "";
};

// One for each worker; the watcher's thread.
class Overdue {
 public:
  // deadline: zero is for ever.
  explicit Overdue(Duration deadline) : deadline_(deadline) {}

  // Call it often: a document is known to have begun when it is seen.
  bool look(const WorkerProgress& progress, Time now) {
    const std::uint64_t mark = progress.mark();
    if (!progress.busy() || mark != mark_) {
      mark_ = mark;
      since_ = now;
      return false;
    }
    return deadline_ > Duration::zero() && now - since_ > deadline_;
  }

 private:
  Duration deadline_;
  std::uint64_t mark_ = 0;
  Time since_{};
};

}  // namespace docmill

// CpuLimit: says so, from a thread of its own, when a piece of work takes more processor time than
// it may.
//
// Processor time of the worker, not of a clock on the wall: a machine that was busy or asleep makes
// nobody late. For work in libraries that cannot be asked to look at a clock themselves.
#pragma once

#include <condition_variable>
#include <ctime>
#include <functional>
#include <mutex>
#include <thread>

#include "shared/base/units.h"

namespace docmill {

class CpuLimit {
 public:
  // stop: called at most once for a piece of work, on the other thread, while the piece goes on.
  CpuLimit(Duration limit, std::function<void()> stop);
  ~CpuLimit();
  CpuLimit(const CpuLimit&) = delete;
  CpuLimit& operator=(const CpuLimit&) = delete;

  // A piece of work begins, on this thread; end() before the next one begins.
  void begin();
  // Whether stop was called. It is not being called, nor will it be, once this returns.
  bool end();

 private:
  void watch();
  Duration left() const;

  const Duration limit_;
  const std::function<void()> stop_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool idle_ = false;  // the watcher waits for work, not for time
  bool ended_ = false;
  bool working_ = false;
  bool exceeded_ = false;
  clockid_t clock_ = CLOCK_THREAD_CPUTIME_ID;  // of the thread that works
  Duration started_{};
  std::thread watcher_;
};

}  // namespace docmill

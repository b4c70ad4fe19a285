// StopSignals: SIGTERM and SIGINT as something a loop can look at.
//
// Open it before any other thread starts: the signals are blocked for all threads from then on. The
// first asks for an orderly end, the second for a fast one. A resource; one thread.
#pragma once

#include "shared/base/result.h"

namespace docmill {

class StopSignals {
 public:
  static Result<StopSignals> open();
  ~StopSignals();
  StopSignals(StopSignals&& other) noexcept;
  StopSignals& operator=(StopSignals&&) = delete;

  // For Poller::readable().
  int fd() const { return fd_; }
  // How many came so far.
  int count();

 private:
  explicit StopSignals(int fd) : fd_(fd) {}

  int fd_;
  int count_ = 0;
};

}  // namespace docmill

// Wakeup: lets any thread end the wait of one thread's Poller.
#pragma once

#include "shared/base/result.h"

namespace docmill {

class Wakeup {
 public:
  // Unavailable when the process has no file left to open.
  static Result<Wakeup> open();
  ~Wakeup();
  Wakeup(Wakeup&& other) noexcept;
  Wakeup& operator=(Wakeup&&) = delete;

  // Any thread; many calls before clear() count as one.
  void wake();
  // The waiting thread, before it looks at what it was woken for.
  void clear();
  // For Poller::readable().
  int fd() const { return fd_; }

 private:
  explicit Wakeup(int fd) : fd_(fd) {}

  int fd_;
};

}  // namespace docmill

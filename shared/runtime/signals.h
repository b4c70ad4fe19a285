// Signals: what a daemon is told by the system, as something a loop can look at - SIGTERM and
// SIGINT to end, SIGHUP to read its pipeline file again.
//
// Open it before any other thread starts: the signals are blocked for all threads from then on. The
// first that asks for an end asks for an orderly one, the second for a fast one. A resource; one
// thread.
#pragma once

#include <utility>

#include "shared/base/result.h"

namespace docmill {

class Signals {
 public:
  static Result<Signals> open();
  ~Signals();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;

  // For Poller::readable().
  int fd() const { return fd_; }
  // How many asked for an end so far.
  int stops();
  // Whether SIGHUP came since the last call.
  bool take_reload();

 private:
  explicit Signals(int fd) : fd_(fd) {}
  void read();

  int fd_;
  int stops_ = 0;
  bool reload_ = false;
};

}  // namespace docmill

// Signals: what a program is told by the system, as something a loop can look at - SIGTERM and
// SIGINT to end, SIGHUP to end or to read its pipeline file again.
//
// Open it before any other thread starts: the signals are blocked for all threads from then on. The
// first that asks for an end asks for an orderly one, the second for a fast one. A resource; one
// thread.
#pragma once

#include <utility>

#include "shared/base/result.h"
#include "shared/base/units.h"

namespace docmill {

// What SIGHUP asks for: a daemon to read its file again, a program in a terminal to end.
enum class Hangup { kReload, kStop };

class Signals {
 public:
  static Result<Signals> open(Hangup hangup);
  ~Signals();
  Signals(Signals&& other) noexcept;
  Signals& operator=(Signals&&) = delete;

  // For Poller::readable().
  int fd() const { return fd_; }
  // How many asked for an end so far.
  int stops();
  // Whether a reload was asked for since the last call.
  bool take_reload();
  // The same, and the next call of either says so again.
  bool reload_asked();
  // Waits for a signal, at most that long.
  void wait(Duration most) const;

 private:
  Signals(int fd, Hangup hangup) : fd_(fd), hangup_(hangup) {}
  void read();

  int fd_;
  Hangup hangup_;
  int stops_ = 0;
  bool reload_ = false;
};

}  // namespace docmill

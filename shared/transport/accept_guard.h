// AcceptGuard: keeps a listening thread of a library (libzmq, libmicrohttpd) from spinning when the
// process has no descriptor left.
//
// A connection that cannot be accepted stays in the kernel's queue, and the library tries again
// immediately, on a whole core. The guard then closes the waiting connections and lets no more in:
// a filter on the listener drops requests to connect, and a serious client repeats its request
// after a second. The listener opens again when there are descriptors. Established connections are
// not touched. TCP only.
//
// It is a thread with a descriptor table of its own (close_range(2), Linux 5.9), so it always has
// a descriptor to accept with. It sleeps while nobody connects. A resource.
#pragma once

#include <memory>
#include <thread>
#include <utility>

#include "shared/transport/endpoint.h"
#include "shared/transport/wakeup.h"

namespace docmill {

class AcceptGuard {
 public:
  // For an endpoint that this process has bound, or for a listening socket. Null when it cannot be
  // watched, for want of a thread or a descriptor. The guard must be destroyed before the listener
  // is closed.
  static std::unique_ptr<AcceptGuard> watch(const Endpoint& endpoint);
  static std::unique_ptr<AcceptGuard> watch(int listener);
  ~AcceptGuard();
  AcceptGuard(const AcceptGuard&) = delete;
  AcceptGuard& operator=(const AcceptGuard&) = delete;

 private:
  AcceptGuard(int listener, Wakeup wakeup) : listener_(listener), wakeup_(std::move(wakeup)) {}

  enum class Event { kNone, kConnection, kEnd };

  void run();
  // What happens first within the time.
  Event wait(int milliseconds) const;
  bool ends(int milliseconds) const;
  bool refuse_all() const;
  bool hang_up() const;

  int listener_;
  Wakeup wakeup_;
  std::thread thread_;
};

}  // namespace docmill

// AcceptGuard: keeps libzmq from spinning when the process has no file left to open.
//
// A connection that cannot be accepted stays in the kernel's queue, and libzmq's thread asks for it
// again and again, on a whole core. Then the guard lets no more in (a filter on the listening
// socket drops what asks for a connection; who is in earnest asks again after a second), hangs up
// on those that wait, and opens again when there are files. What is connected is not touched.
//
// A thread with a table of files of its own (unshare(2)), so that it has one to hang up with; it
// sleeps while nobody connects. TCP only: who may connect through a file may do worse. A resource.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

#include "shared/transport/wakeup.h"

namespace docmill {

class AcceptGuard {
 public:
  // For a TCP port that this process has bound; nothing when it cannot be watched. It must end
  // before the address is given up.
  static std::unique_ptr<AcceptGuard> watch(std::uint16_t port);
  ~AcceptGuard();
  AcceptGuard(const AcceptGuard&) = delete;
  AcceptGuard& operator=(const AcceptGuard&) = delete;

 private:
  AcceptGuard(int listener, Wakeup wakeup)
      : listener_(listener), wakeup_(std::move(wakeup)), thread_([this] { run(); }) {}

  void run();
  bool comes(int milliseconds) const;
  bool wait(int milliseconds) const;
  void hang_up() const;

  int listener_;
  Wakeup wakeup_;
  std::thread thread_;
};

}  // namespace docmill

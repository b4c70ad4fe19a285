// Poller: waits until one of the things that a loop looks at is ready.
//
// The loop names them anew before each wait, so that nothing is left behind of a socket that is
// gone; naming one costs the entry of a list. One thread.
#pragma once

#include <cstddef>
#include <vector>

#include "shared/base/units.h"
#include "shared/transport/foreign_socket.h"
#include "shared/transport/pub_socket.h"
#include "shared/transport/pull_socket.h"
#include "shared/transport/push_socket.h"
#include "shared/transport/sub_socket.h"

struct zmq_pollitem_t;

namespace docmill {

class Poller {
 public:
  // What ready() is asked about. Valid until the next clear().
  using Ticket = std::size_t;

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void clear();
  Ticket readable(const PullSocket& socket);
  Ticket readable(const SubSocket& socket);
  Ticket readable(const ForeignSocket& socket);
  Ticket writable(const PushSocket& socket);
  // Of a socket that is watched: it may have been connected or disconnected.
  Ticket connection_of(const PushSocket& socket);
  Ticket writable(const ForeignSocket& socket);
  Ticket readable(int fd);  // a signalfd, timerfd, eventfd

  // Returns when something is ready, the time is over or a signal came; true when something is
  // ready. Times are rounded up to whole milliseconds.
  bool wait(Duration timeout);
  bool ready(Ticket ticket) const;

 private:
  Ticket add(void* socket, int fd, short events);

  std::vector<zmq_pollitem_t> items_;
};

}  // namespace docmill

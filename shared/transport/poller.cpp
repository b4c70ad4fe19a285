#include "shared/transport/poller.h"

#include <zmq.h>

#include <algorithm>
#include <cerrno>

#include "shared/base/check.h"

namespace docmill {

Poller::Poller() = default;
Poller::~Poller() = default;

void Poller::clear() { items_.clear(); }

Poller::Ticket Poller::readable(const PullSocket& socket) {
  return add(socket.socket_.handle(), 0, ZMQ_POLLIN);
}

Poller::Ticket Poller::readable(const SubSocket& socket) {
  return add(socket.socket_.handle(), 0, ZMQ_POLLIN);
}

Poller::Ticket Poller::writable(const PushSocket& socket) {
  return add(socket.socket_.handle(), 0, ZMQ_POLLOUT);
}

Poller::Ticket Poller::connection_of(const PushSocket& socket) {
  return add(socket.socket_.connection_handle(), 0, ZMQ_POLLIN);
}

Poller::Ticket Poller::readable(const ForeignSocket& socket) {
  return add(socket.socket_.handle(), 0, ZMQ_POLLIN);
}

Poller::Ticket Poller::writable(const ForeignSocket& socket) {
  return add(socket.socket_.handle(), 0, ZMQ_POLLOUT);
}

Poller::Ticket Poller::readable(int fd) { return add(nullptr, fd, ZMQ_POLLIN); }

Poller::Ticket Poller::add(void* socket, int fd, short events) {
  items_.push_back({socket, fd, events, 0});
  return items_.size() - 1;
}

bool Poller::wait(Duration timeout) {
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(std::max(timeout, Duration{0}));
  const int ready = zmq_poll(items_.data(), static_cast<int>(items_.size()), whole.count());
  if (ready >= 0) return ready > 0;
  DOCMILL_CHECK(errno == EINTR, "{} of {} things", zmq_strerror(errno), items_.size());
  for (zmq_pollitem_t& item : items_) item.revents = 0;
  return false;
}

bool Poller::ready(Ticket ticket) const { return items_.at(ticket).revents != 0; }

}  // namespace docmill

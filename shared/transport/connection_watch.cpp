#include "shared/transport/connection_watch.h"

#include <fmt/format.h>
#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "shared/base/check.h"

namespace docmill {
namespace {

constexpr int kEvents = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;

void set(void* socket, int option, int value) {
  const int done = zmq_setsockopt(socket, option, &value, sizeof value);
  DOCMILL_CHECK(done == 0, "option {}: {}", option, zmq_strerror(errno));
}

}  // namespace

ConnectionWatch::ConnectionWatch(void* context, void* socket) {
  static std::atomic<std::uint64_t> count = 0;
  const std::string address = fmt::format("inproc://docmill.connection.{}", ++count);
  const int watched = zmq_socket_monitor(socket, address.c_str(), kEvents);
  DOCMILL_CHECK(watched == 0, "{}", zmq_strerror(errno));
  monitor_ = zmq_socket(context, ZMQ_PAIR);
  DOCMILL_CHECK(monitor_ != nullptr, "{}", zmq_strerror(errno));
  set(monitor_, ZMQ_LINGER, 0);
  set(monitor_, ZMQ_RCVHWM, 0);  // full, it would stop libzmq's thread
  const int connected = zmq_connect(monitor_, address.c_str());
  DOCMILL_CHECK(connected == 0, "{}", zmq_strerror(errno));
}

ConnectionWatch::~ConnectionWatch() { end(); }

void ConnectionWatch::end() {
  if (monitor_ != nullptr) zmq_close(std::exchange(monitor_, nullptr));
}

ConnectionWatch::ConnectionWatch(ConnectionWatch&& other) noexcept
    : monitor_(std::exchange(other.monitor_, nullptr)),
      endpoint_(std::move(other.endpoint_)),
      connected_(other.connected_),
      failed_(other.failed_) {}

ConnectionWatch& ConnectionWatch::operator=(ConnectionWatch&& other) noexcept {
  if (this != &other) {
    end();
    monitor_ = std::exchange(other.monitor_, nullptr);
    endpoint_ = std::move(other.endpoint_);
    connected_ = other.connected_;
    failed_ = other.failed_;
  }
  return *this;
}

void ConnectionWatch::expect(std::string endpoint) {
  endpoint_ = std::move(endpoint);
  connected_ = false;
  failed_ = false;
}

// Whether connected_ has changed.
bool ConnectionWatch::note(std::uint16_t event) {
  const bool connected = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
  // CLOSED is an attempt that was refused or timed out, DISCONNECTED also one whose handshake
  // failed.
  failed_ = !connected && (failed_ || event == ZMQ_EVENT_CLOSED || !connected_);
  return std::exchange(connected_, connected) != connected;
}

// Reads up to the next change: a connection that was lost and made again since is reported as lost
// first, and the handle stays readable.
//
// An event is two frames: number (16 bits) and value (32 bits), then the address.
bool ConnectionWatch::connected() {
  std::uint16_t event = 0;
  for (;;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    const int received = zmq_msg_recv(&message, monitor_, ZMQ_DONTWAIT);
    if (received < 0) {
      const int problem = errno;
      zmq_msg_close(&message);
      if (problem == EINTR) continue;
      DOCMILL_CHECK(problem == EAGAIN, "{}", zmq_strerror(problem));
      return connected_;
    }
    const std::string bytes(static_cast<const char*>(zmq_msg_data(&message)),
                            zmq_msg_size(&message));
    const bool more = zmq_msg_more(&message) != 0;
    zmq_msg_close(&message);
    if (more) {
      DOCMILL_CHECK(bytes.size() >= sizeof event, "{} bytes", bytes.size());
      std::memcpy(&event, bytes.data(), sizeof event);
    } else if ((endpoint_.empty() || bytes == endpoint_) && note(event)) {
      return connected_;
    }
  }
}

}  // namespace docmill

#include "shared/transport/socket.h"

#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/system_error.h"
#include "shared/transport/doorman.h"
#include "shared/transport/open_files.h"

namespace docmill {
namespace {

constexpr std::uint64_t kLeastFrame = 1024;
// A peer can send messages with too many frames faster than they are discarded.
constexpr int kMaxDiscardedPerCall = 1000;
// Refuses everybody when there is no doorman. Debian's libzmq has it, its header only as a draft.
constexpr int kEnforceDoor = 93;

struct Option {
  int name;
  int value;
};

// The same for every socket; docs/wire-format.md has the reasons.
constexpr Option kOptions[] = {
    {ZMQ_LINGER, 0},
    {ZMQ_IMMEDIATE, 0},
    {ZMQ_HEARTBEAT_IVL, 0},  // on, they lose documents under back-pressure and abort libzmq 4.3.4
    {ZMQ_TCP_KEEPALIVE, 1},
    {ZMQ_TCP_KEEPALIVE_IDLE, 15},
    {ZMQ_TCP_KEEPALIVE_CNT, 3},
    {ZMQ_TCP_KEEPALIVE_INTVL, 5},
    {ZMQ_HANDSHAKE_IVL, 3000},
    {ZMQ_CONNECT_TIMEOUT, 3000},
    {ZMQ_RECONNECT_IVL, 50},
    {ZMQ_RECONNECT_IVL_MAX, 500},
    {ZMQ_BACKLOG, 256},
};
constexpr int kReconnectLocally = 20;  // milliseconds

int zmq_type(Socket::Kind kind) {
  switch (kind) {
    case Socket::Kind::kPull:
      return ZMQ_PULL;
    case Socket::Kind::kPush:
      return ZMQ_PUSH;
    case Socket::Kind::kPub:
      return ZMQ_PUB;
    case Socket::Kind::kSub:
      return ZMQ_SUB;
    case Socket::Kind::kRouter:
      return ZMQ_ROUTER;
  }
  DOCMILL_CHECK(false, "kind {}", static_cast<int>(kind));
}

}  // namespace

Result<Socket> Socket::open(const Context& context, Kind kind, const SocketLimits& limits) {
  DOCMILL_CHECK(limits.frame.count >= kLeastFrame && limits.messages > 0, "{} bytes, {} messages",
                limits.frame.count, limits.messages);
  if (auto files = expect_free_files(16); !files) return files.error();
  void* handle = zmq_socket(context.handle_.get(), zmq_type(kind));
  if (handle == nullptr) {
    return unavailable(fmt::format("open a socket: {}; raise the limit of open files (ulimit -n)",
                                   zmq_strerror(errno)));
  }
  Socket socket(context.handle_, handle, limits.frames);
  for (const Option& option : kOptions) socket.set(option.name, option.value);
  socket.set(ZMQ_SNDHWM, static_cast<int>(limits.messages));
  socket.set(ZMQ_RCVHWM, static_cast<int>(limits.messages));
  socket.set(ZMQ_SNDBUF, static_cast<int>(limits.buffer.count));
  socket.set(ZMQ_RCVBUF, static_cast<int>(limits.buffer.count));
  const auto largest = static_cast<std::int64_t>(limits.frame.count);
  const int done = zmq_setsockopt(handle, ZMQ_MAXMSGSIZE, &largest, sizeof largest);
  DOCMILL_CHECK(done == 0, "{} bytes", largest);
  return socket;
}

Socket::~Socket() { end(); }

void Socket::end() {
  if (handle_ == nullptr) return;
  guards_.clear();
  hosts_.clear();
  connection_.reset();
  // Closing goes on in the background, where libzmq would wait for ever to tell a doorman that has
  // gone meanwhile.
  if (watched_) zmq_socket_monitor(handle_, nullptr, 0);
  zmq_close(std::exchange(handle_, nullptr));
}

Socket::Socket(Socket&& other) noexcept
    : context_(std::move(other.context_)),
      handle_(std::exchange(other.handle_, nullptr)),
      guards_(std::move(other.guards_)),
      hosts_(std::move(other.hosts_)),
      frames_(other.frames_),
      discarded_(other.discarded_),
      connection_(std::move(other.connection_)),
      watched_(other.watched_) {}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    end();
    context_ = std::move(other.context_);
    handle_ = std::exchange(other.handle_, nullptr);
    guards_ = std::move(other.guards_);
    hosts_ = std::move(other.hosts_);
    frames_ = other.frames_;
    discarded_ = other.discarded_;
    connection_ = std::move(other.connection_);
    watched_ = other.watched_;
  }
  return *this;
}

void Socket::set(int option, int value) {
  const int done = zmq_setsockopt(handle_, option, &value, sizeof value);
  DOCMILL_CHECK(done == 0, "option {} value {}: {}", option, value, zmq_strerror(errno));
}

void Socket::set(int option, const std::string& text) {
  const int done = zmq_setsockopt(handle_, option, text.c_str(), text.size());
  DOCMILL_CHECK(done == 0, "option {} of {} bytes: {}", option, text.size(), zmq_strerror(errno));
}

void Socket::protect(const CurveServer& curve) {
  DOCMILL_CHECK(curve.doorman != nullptr && !curve.door.empty(), "door '{}'", curve.door);
  set(ZMQ_CURVE_SERVER, 1);
  set(ZMQ_CURVE_SECRETKEY, curve.keys.secret_key);
  set(ZMQ_ZAP_DOMAIN, curve.door);
  set(kEnforceDoor, 1);
  curve.doorman->watch(handle_);
  watched_ = true;
}

void Socket::protect(const CurveClient& curve) {
  set(ZMQ_CURVE_SERVERKEY, curve.server_key);
  set(ZMQ_CURVE_PUBLICKEY, curve.keys.public_key);
  set(ZMQ_CURVE_SECRETKEY, curve.keys.secret_key);
}

Result<void> Socket::connect(const Endpoint& endpoint) {
  if (endpoint.host == "*") {
    return config_error(fmt::format("{}: expected the host of a peer, found '*'; name the host",
                                    to_string(endpoint)));
  }
  set(ZMQ_IPV6, endpoint.host.starts_with('[') ? 1 : 0);
  if (endpoint.kind == Endpoint::Kind::kIpc) {
    // A try costs a system call and nobody's network.
    set(ZMQ_RECONNECT_IVL, kReconnectLocally);
    set(ZMQ_RECONNECT_IVL_MAX, 0);
  }
  if (zmq_connect(handle_, to_string(endpoint).c_str()) == 0) return {};
  if (is_transient(errno)) {
    return unavailable(fmt::format("{}: {}", to_string(endpoint), zmq_strerror(errno)));
  }
  return config_error(fmt::format("{}: {}", to_string(endpoint), zmq_strerror(errno)));
}

void Socket::disconnect(const Endpoint& endpoint) {
  zmq_disconnect(handle_, to_string(endpoint).c_str());
}

void Socket::watch_connection() {
  connection_.emplace(context_.get(), handle_);
  watched_ = true;
}

void Socket::give_up_after(Duration silence) {
  set(ZMQ_TCP_MAXRT,
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(silence).count()));
}

void Socket::expect_peers(bool expected) { set(ZMQ_IMMEDIATE, expected ? 1 : 0); }

void Socket::subscribe(const std::string& prefix) {
  const int done = zmq_setsockopt(handle_, ZMQ_SUBSCRIBE, prefix.data(), prefix.size());
  DOCMILL_CHECK(done == 0, "prefix {}: {}", prefix, zmq_strerror(errno));
}

// Sends references and keeps the frames until the last one is taken: a connection that dies between
// two frames takes the first one with it.
bool Socket::send(std::span<Frame> message) {
  bool taken = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const int flags = ZMQ_DONTWAIT | (i + 1 < message.size() ? ZMQ_SNDMORE : 0);
    zmq_msg_t reference;
    zmq_msg_init(&reference);
    zmq_msg_copy(&reference, message[i].message());
    int sent = -1;
    do {
      sent = zmq_msg_send(&reference, handle_, flags);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0) {
      DOCMILL_CHECK(errno == EAGAIN, "{}", zmq_strerror(errno));
      zmq_msg_close(&reference);
      taken = false;
      if (i == 0) break;  // later on, libzmq drops the rest, but wants to be given it
    }
  }
  if (taken) {
    for (Frame& frame : message) frame = Frame();
  }
  return taken;
}

void Socket::drop_for_slow(bool drop) {
  if (drops_ != drop) set(ZMQ_XPUB_NODROP, drop ? 0 : 1);
  drops_ = drop;
}

bool Socket::receive(std::vector<Frame>& message) {
  for (int i = 0; i < kMaxDiscardedPerCall; ++i) {
    const std::size_t count = receive_frames(message);
    if (count > 0 && count <= frames_) return true;
    message.clear();
    if (count == 0) return false;
    ++discarded_;
  }
  return false;
}

// The number of frames of the next message, of which `message` has as many as the limit allows; 0
// when there is none.
std::size_t Socket::receive_frames(std::vector<Frame>& message) {
  std::size_t count = 0;
  Frame surplus;
  for (bool more = true; more; ++count) {
    if (count < frames_ && message.size() <= count) message.emplace_back();
    Frame& frame = count < frames_ ? message[count] : surplus;
    frame.shared_ = false;
    int received = -1;
    do {
      received = zmq_msg_recv(frame.message(), handle_, ZMQ_DONTWAIT);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
      DOCMILL_CHECK(errno == EAGAIN && count == 0, "frame {}: {}", count, zmq_strerror(errno));
      return 0;
    }
    more = zmq_msg_more(frame.message()) != 0;
  }
  message.resize(std::min(count, frames_));
  return count;
}

void Socket::close(Duration linger) {
  if (handle_ == nullptr) return;
  set(ZMQ_LINGER, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(linger).count()));
  end();
  context_.reset();
}

}  // namespace docmill

#include "shared/transport/push_socket.h"

#include <chrono>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/clock.h"
#include "shared/base/transfer_time.h"

namespace docmill {
namespace {

constexpr Duration kStuck = std::chrono::seconds(10);
// As long as TCP's keepalive, which does not count while something waits to be acknowledged.
constexpr Duration kSilence = std::chrono::seconds(30);
// Before the next address of a name is tried.
constexpr Duration kPause = std::chrono::milliseconds(250);

Result<Socket> open_socket(const Context& context, const SocketLimits& limits,
                           const std::optional<CurveClient>& curve, bool watched) {
  auto socket = Socket::open(context, Socket::Kind::kPush, limits);
  if (!socket) return socket;
  socket->give_up_after(kSilence);
  if (curve) socket->protect(*curve);
  if (watched) socket->watch_connection();
  return socket;
}

}  // namespace

Result<PushSocket> PushSocket::connect(const Context& context, const std::string& address,
                                       const SocketLimits& limits,
                                       const std::optional<CurveClient>& curve, bool watched) {
  auto where = parse_endpoint(address);
  if (!where) return where.error();
  std::shared_ptr<HostName> host;
  if (where->kind == Endpoint::Kind::kTcp && HostWatch::is_name(where->host)) {
    host = context.names().find(where->host);
  }
  auto socket = open_socket(context, limits, curve, watched || host);
  if (!socket) return socket.error();
  PushSocket push(context, limits, curve, watched, std::move(*where), std::move(*socket));
  push.host_ = std::move(host);
  if (auto joined = push.join(); !joined) return joined.error();
  return push;
}

Result<void> PushSocket::join() {
  if (!host_) return socket_.connect(where_);
  follow_host();
  return {};
}

Endpoint PushSocket::at(const std::string& address) const {
  Endpoint where = where_;
  where.host = address;
  return where;
}

// Without an address, and after a connect() that failed for a moment, send() refuses.
void PushSocket::follow_host() {
  if (!host_) return;
  // A peer that is down refuses at once, and libzmq's pause counts for one address only.
  const Time now = SystemClock().now();
  const bool is_next = socket_.has_failed() && now - moved_ >= kPause;
  const std::string address = is_next ? host_->after(address_) : host_->address(address_);
  if (address == address_) return;
  moved_ = now;
  move_to(address);
}

// libzmq keeps what is queued for a host that is away, and nobody can take it back: where there are
// other addresses to try, nothing is queued before one of them is connected.
void PushSocket::move_to(const std::string& address) {
  if (!address_.empty()) socket_.disconnect(at(address_));
  socket_.expect_peers(host_->has_several());
  socket_.expect_connection(at(address));
  address_ = socket_.connect(at(address)) ? address : "";
}

// Of a watched socket, connected() alone reads the reports, so that its caller misses none.
void PushSocket::follow() {
  if (!host_) return;
  if (!watched_) socket_.connected();
  follow_host();
}

bool PushSocket::connected() {
  const bool connected = socket_.connected();
  const std::string address = address_;
  follow_host();
  return connected && address == address_;
}

bool PushSocket::send(std::span<Frame> message) {
  DOCMILL_CHECK(!message.empty() && message.size() <= limits_.frames, "{} frames", message.size());
  for (const Frame& frame : message) {
    DOCMILL_CHECK(frame.size() <= limits_.frame.count, "{} bytes to {}, at most {}", frame.size(),
                  to_string(where_), limits_.frame.count);
  }
  if (!watched_) follow();
  std::uint64_t bytes = 0;
  for (const Frame& frame : message) bytes += frame.size();
  if (!socket_.send(message)) return false;
  note_sent(bytes);
  return true;
}

void PushSocket::note_sent(std::uint64_t bytes) {
  transfers_.push_back(transfer_time(bytes));
  transfer_ += transfers_.back();
  if (transfers_.size() <= limits_.messages + 1) return;
  transfer_ -= transfers_.front();
  transfers_.pop_front();
}

bool PushSocket::send(std::span<Frame> message, Time now) {
  if (send(message)) {
    refused_since_.reset();
    return true;
  }
  if (!refused_since_) refused_since_ = now;
  if (now - *refused_since_ < kStuck + transfer_) return false;
  refused_since_ = now;
  return reconnect() && send(message);
}

Result<void> PushSocket::reconnect() {
  auto socket = open_socket(context_, limits_, curve_, watched_ || host_);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  transfers_.clear();
  transfer_ = Duration::zero();
  if (!host_) return join();
  const std::string address = host_->after(std::exchange(address_, ""));
  if (!address.empty()) move_to(address);
  return {};
}

}  // namespace docmill

#include "shared/transport/push_socket.h"

#include <chrono>

#include "shared/base/check.h"
#include "shared/base/transfer_time.h"

namespace docmill {
namespace {

constexpr Duration kStuck = std::chrono::seconds(10);

Result<Socket> open_connected(const Context& context, const std::string& address,
                              const SocketLimits& limits, const std::optional<CurveClient>& curve,
                              bool watched) {
  const auto where = parse_endpoint(address);
  if (!where) return where.error();
  auto socket = Socket::open(context, Socket::Kind::kPush, limits);
  if (!socket) return socket;
  if (curve) socket->protect(*curve);
  if (watched) socket->watch_connection();
  if (auto connected = socket->connect(*where); !connected) return connected.error();
  return socket;
}

}  // namespace

Result<PushSocket> PushSocket::connect(const Context& context, const std::string& address,
                                       const SocketLimits& limits,
                                       const std::optional<CurveClient>& curve, bool watched) {
  auto socket = open_connected(context, address, limits, curve, watched);
  if (!socket) return socket.error();
  return PushSocket(context, limits, curve, watched, std::move(*socket), address);
}

bool PushSocket::send(std::span<Frame> message) {
  DOCMILL_CHECK(!message.empty() && message.size() <= limits_.frames, "{} frames", message.size());
  for (const Frame& frame : message) {
    DOCMILL_CHECK(frame.size() <= limits_.frame.count, "{} bytes to {}, at most {}", frame.size(),
                  endpoint_, limits_.frame.count);
  }
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
  auto socket = open_connected(context_, endpoint_, limits_, curve_, watched_);
  if (!socket) return socket.error();
  socket_ = std::move(*socket);
  transfers_.clear();
  transfer_ = Duration::zero();
  return {};
}

}  // namespace docmill

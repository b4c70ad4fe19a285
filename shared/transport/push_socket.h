// PushSocket: gives messages to one peer. In a pipeline, PUSH connects: its queue outlives the
// connection, and who sends knows what was sent where.
//
// One thread at a time. At most once for each send(): what was queued or on the way is lost when
// the peer or this process dies.
#pragma once

#include <deque>

#include "shared/transport/push_link.h"
#include "shared/transport/socket.h"

namespace docmill {

class PushSocket final : public PushLink {
 public:
  // watched: connected() is known. The peer need not be there yet. A connection that breaks is made
  // again for ever, within a second or two.
  static Result<PushSocket> connect(const Context& context, const std::string& address,
                                    const SocketLimits& limits,
                                    const std::optional<CurveClient>& curve = {},
                                    bool watched = false);

  // True: the message is on its way and its frames are empty. False: the queue is full and the
  // frames are untouched. Never blocks. A frame over the limit is a bug.
  bool send(std::span<Frame> message);
  bool send(Frame& message) { return send(std::span(&message, 1)); }
  // The same, but after 10 s in which every message was refused, and the transfer_time() of what
  // may be queued, it drops what is queued and connects anew. libzmq gives up for ever on a
  // connection over which anything came that is not its protocol: a bit that turned over, or
  // another kind of socket that answered at the address.
  bool send(std::span<Frame> message, Time now) override;
  bool send(Frame& message, Time now) { return send(std::span(&message, 1), now); }
  Result<void> reconnect() override;
  // Of one that is watched: the peer is connected now.
  bool connected() override { return socket_.connected(); }
  // Ends the socket in the background: what is queued is sent as long as the linger lasts.
  // Without close() it is dropped.
  void close(Duration linger) override { socket_.close(linger); }
  const std::string& endpoint() const { return endpoint_; }

 private:
  friend class Poller;
  void note_sent(std::uint64_t bytes);
  PushSocket(const Context& context, const SocketLimits& limits,
             const std::optional<CurveClient>& curve, bool watched, Socket socket,
             std::string endpoint)
      : context_(context),
        limits_(limits),
        curve_(curve),
        watched_(watched),
        socket_(std::move(socket)),
        endpoint_(std::move(endpoint)) {}

  Context context_;
  SocketLimits limits_;
  std::optional<CurveClient> curve_;
  bool watched_;
  Socket socket_;
  std::string endpoint_;
  // Transfer times of the last messages, as many as may be queued or in flight.
  std::deque<Duration> transfers_;
  Duration transfer_{0};  // all of these
  std::optional<Time> refused_since_;
};

}  // namespace docmill

// PushSocket: gives messages to one peer. In a pipeline, PUSH connects: its queue outlives the
// connection, and who sends knows what was sent where.
//
// One thread at a time. At most once for each send(): what was queued or on the way is lost when
// the peer or this process dies.
#pragma once

#include <deque>
#include <memory>

#include "shared/base/clock.h"
#include "shared/transport/push_link.h"
#include "shared/transport/socket.h"

namespace docmill {

class PushSocket final : public PushLink {
 public:
  // watched: connected() is known. The peer need not be there yet. A connection that breaks is made
  // again for ever, within a second or two; one whose peer acknowledges nothing for 30 s is broken.
  // A host that is named is looked up all the time and followed when it moves. Of several addresses
  // the next one is tried when one cannot be connected to; send() refuses until one is connected.
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
  // To the next address, where a name has several.
  Result<void> reconnect() override;
  void follow() override;
  // Of one that is watched: the peer is connected now.
  bool connected() override;
  // Ends the socket in the background: what is queued is sent as long as the linger lasts.
  // Without close() it is dropped.
  void close(Duration linger) override { socket_.close(linger); }

 private:
  friend class Poller;
  void note_sent(std::uint64_t bytes);
  PushSocket(const Context& context, const SocketLimits& limits,
             const std::optional<CurveClient>& curve, bool watched, Endpoint where, Socket socket)
      : context_(context),
        limits_(limits),
        curve_(curve),
        watched_(watched),
        where_(std::move(where)),
        socket_(std::move(socket)) {}
  Result<void> join();
  void follow_host();
  void move_to(const std::string& address);
  Endpoint at(const std::string& address) const;

  Context context_;
  SocketLimits limits_;
  std::optional<CurveClient> curve_;
  bool watched_;
  Endpoint where_;
  std::shared_ptr<HostName> host_;  // null when it is no name
  std::string address_;             // of it, that the socket connects to; "": none is known
  Time moved_{};                    // when it was changed
  Socket socket_;
  // Transfer times of the last messages, as many as may be queued or in flight.
  std::deque<Duration> transfers_;
  Duration transfer_{0};  // all of these
  std::optional<Time> refused_since_;
};

}  // namespace docmill

// Socket: what the kinds of socket have in common. Use PullSocket, PushSocket, PubSocket, SubSocket
// or RouterSocket.
//
// One thread at a time; it may be handed to another thread with a lock or a queue in between.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/units.h"
#include "shared/transport/accept_guard.h"
#include "shared/transport/connection_watch.h"
#include "shared/transport/context.h"
#include "shared/transport/curve.h"
#include "shared/transport/endpoint.h"
#include "shared/transport/frame.h"
#include "shared/transport/limits.h"

namespace docmill {

class Socket {
 public:
  enum class Kind { kPull, kPush, kPub, kSub, kRouter };

  static Result<Socket> open(const Context& context, Kind kind, const SocketLimits& limits);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  // Before bind() or connect().
  void protect(const CurveServer& curve);
  void protect(const CurveClient& curve);
  // All addresses of its host (HostNames::own()), or none of them.
  Result<void> bind(const Endpoint& endpoint, std::shared_ptr<OwnHost> host);
  // Not by name: libzmq would look it up in the thread that moves all messages (HostNames).
  Result<void> connect(const Endpoint& endpoint);
  // What is queued to go there is dropped, what has come from there stays. Nothing when it is not
  // connected.
  void disconnect(const Endpoint& endpoint);
  void subscribe(const std::string& prefix);
  // Queues nothing for a peer that is not there, and drops what is queued when it goes. Before
  // bind() or connect().
  void expect_peers(bool expected = true);
  // A connection whose peer takes nothing for so long is made again; what is on its way is lost.
  // Without it a host that has vanished counts as connected for a quarter of an hour. Before
  // connect().
  void give_up_after(Duration silence);
  // Before connect(): connected() is known from then on.
  void watch_connection();
  // Whether the peer that it connects to is connected now.
  bool connected() { return connection_ && connection_->connected(); }
  // connected() and has_failed() are about this address alone, written as the system writes it.
  void expect_connection(const Endpoint& endpoint) {
    if (connection_) connection_->expect(to_string(endpoint));
  }
  // See ConnectionWatch.
  bool has_failed() const { return connection_ && connection_->has_failed(); }
  // All of the message or nothing of it.
  bool send(std::span<Frame> message);
  // Of kPub: a subscriber that has no room misses what is sent (the default), or makes send() fail.
  void drop_for_slow(bool drop);
  // False when there is none right now, or after a thousand discarded messages.
  bool receive(std::vector<Frame>& message);
  std::uint64_t discarded() const { return discarded_; }
  // What is not sent by then is lost. Only the context's end waits for it.
  void close(Duration linger);
  void* handle() const { return handle_; }
  // Readable when connected() may have changed; null without watch_connection().
  void* connection_handle() const { return connection_ ? connection_->handle() : nullptr; }

 private:
  Socket(std::shared_ptr<void> context, void* handle, std::size_t frames)
      : context_(std::move(context)), handle_(handle), frames_(frames) {}
  Result<std::unique_ptr<AcceptGuard>> bind_address(const Endpoint& endpoint);
  void end();
  std::size_t receive_frames(std::vector<Frame>& message);
  void set(int option, int value);
  void set(int option, const std::string& text);

  std::shared_ptr<void> context_;
  void* handle_ = nullptr;
  std::vector<std::unique_ptr<AcceptGuard>> guards_;
  std::vector<std::shared_ptr<OwnHost>> hosts_;  // that it has bound
  std::size_t frames_ = 0;
  std::uint64_t discarded_ = 0;
  std::optional<ConnectionWatch> connection_;
  bool watched_ = false;  // by a doorman or a connection watch
  bool drops_ = true;
};

}  // namespace docmill

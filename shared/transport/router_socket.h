// RouterSocket: takes requests from every peer that connects to it, and answers each of them. Peers
// are DEALER or REQ.
//
// One thread at a time. The first frame of a message that comes is its sender's address, and of one
// that goes the receiver's. What goes to a peer that has left, or that does not read its answers,
// is dropped.
#pragma once

#include <span>

#include "shared/transport/socket.h"

namespace docmill {

class RouterSocket {
 public:
  // answers: how many may wait for one peer to read them. See PullSocket::bind for Errors.
  static Result<RouterSocket> bind(const Context& context, const std::string& address,
                                   const SocketLimits& limits, std::uint32_t answers);

  // The next message; its frames replace those in `message`. False when there is none right now.
  bool receive(std::vector<Frame>& message) { return socket_.receive(message); }
  // False when it was dropped.
  bool send(std::span<Frame> message) { return socket_.send(message); }
  // Readable when something may have changed since receive() said that there is nothing; never
  // instead of looking now and then.
  int fd() const;

 private:
  explicit RouterSocket(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace docmill

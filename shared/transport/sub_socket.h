// SubSocket: takes the messages of a publisher whose first frame begins with one of the prefixes.
//
// One thread at a time. At most once, see PubSocket. A prefix is no topic: "p1" takes "p10" too.
#pragma once

#include "shared/transport/socket.h"

namespace docmill {

class SubSocket {
 public:
  // An empty prefix takes everything; no prefix takes nothing. The publisher need not be there yet.
  static Result<SubSocket> connect(const Context& context, const std::string& address,
                                   const std::vector<std::string>& prefixes,
                                   const SocketLimits& limits);

  // As PullSocket::receive().
  bool receive(std::vector<Frame>& message) { return socket_.receive(message); }
  std::uint64_t discarded() const { return socket_.discarded(); }

 private:
  friend class Poller;
  explicit SubSocket(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace docmill

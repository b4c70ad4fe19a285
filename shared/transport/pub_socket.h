// PubSocket: copies each message to whoever subscribed, and to nobody who is slow.
//
// One thread at a time. At most once: a subscriber that is not there, not yet known or behind by
// more than the limit of messages misses what is sent.
#pragma once

#include "shared/transport/socket.h"

namespace docmill {

class PubSocket {
 public:
  // Errors as of PullSocket::bind().
  static Result<PubSocket> bind(const Context& context, const std::string& address,
                                const SocketLimits& limits,
                                const std::optional<CurveServer>& curve = {});

  // The first frame is the topic; its frames are empty afterwards. False, with the frames
  // unchanged: a subscriber has no room; never with drop, then it misses the message. Never blocks.
  bool send(std::span<Frame> message, bool drop = true);
  const std::string& endpoint() const { return endpoint_; }

 private:
  PubSocket(Socket socket, std::string endpoint)
      : socket_(std::move(socket)), endpoint_(std::move(endpoint)) {}

  Socket socket_;
  std::string endpoint_;
};

}  // namespace docmill

// ForeignSocket: a socket whose other ends are programs of others: of any of the four kinds, bound
// or connected, with one address or several.
//
// One thread at a time. At most once in both directions: what is queued or on the way is lost when
// a process dies, and a SUB loses what it does not take in time. A peer that breaks the rules of
// the wire (garbage, a frame over the limit) loses its connection and nobody else's.
#pragma once

#include <string>
#include <vector>

#include "shared/transport/socket.h"

namespace docmill {

class ForeignSocket {
 public:
  struct Settings {
    Socket::Kind kind = Socket::Kind::kPull;
    std::vector<std::string> bind;
    std::vector<std::string> connect;
    std::vector<std::string> subscribe;  // of a SUB; nothing is everything
    SocketLimits limits;
    std::optional<CurveClient> curve;
    Duration resolve{};  // how often names are looked up
  };

  // Unavailable: another process has an address. Config: it is not one to use. The peers need not
  // be there yet.
  static Result<ForeignSocket> open(const Context& context, const Settings& settings);

  // The next message; its frames replace those in `message`. False when there is none right now,
  // also when one was discarded for having more frames than the limit. Never blocks.
  bool receive(std::vector<Frame>& message) { return socket_.receive(message); }
  // True: it was handed over and its frames are empty. False: there is no peer, or none that takes
  // it, and the frames are untouched; never of a PUB. Never blocks.
  bool send(std::span<Frame> message) { return socket_.send(message); }
  // Messages discarded for having too many frames.
  std::uint64_t discarded() const { return socket_.discarded(); }
  // Ends it: what was handed over is sent as long as the linger lasts. Without, it is dropped.
  void close(Duration linger) { socket_.close(linger); }

 private:
  friend class Poller;
  explicit ForeignSocket(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace docmill

// ForeignSocket: a socket whose other ends are programs of others: of any of the four kinds, bound
// or connected, with one address or several.
//
// A name that it connects to is all the addresses that it stands for, also when they change: ZeroMQ
// itself takes the first, once. One thread at a time. At most once in both directions: what is
// queued or on the way is lost when a process dies, and a SUB loses what it does not take in time.
// A peer that breaks the rules of the wire (garbage, a frame over the limit) loses its connection
// and nobody else's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/log.h"
#include "shared/transport/host_watch.h"
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
    HostWatch::Lookup lookup = HostWatch::look_up;
    Log* log = nullptr;  // outlives the socket; says what becomes of names; null: nobody listens
  };

  // Unavailable: another process has an address. Config: it is not one to use. The peers need not
  // be there yet, nor their names.
  static Result<ForeignSocket> open(const Context& context, const Settings& settings);

  // The next message; its frames replace those in `message`. False when there is none right now,
  // or after many that were discarded for having more frames than the limit. Never blocks.
  bool receive(std::vector<Frame>& message);
  // True: it was handed over and its frames are empty. False: there is no peer, or none that takes
  // it, and the frames are untouched; never of a PUB that drops. Never blocks.
  bool send(std::span<Frame> message);
  // See Socket.
  void drop_for_slow(bool drop) { socket_.drop_for_slow(drop); }
  // Messages discarded for having too many frames.
  std::uint64_t discarded() const { return socket_.discarded(); }
  // Ends it: what was handed over is sent as long as the linger lasts. Without, it is dropped.
  void close(Duration linger) { socket_.close(linger); }

 private:
  friend class Poller;
  // A name, the ports at it, and the addresses at which they are connected to.
  struct Host {
    std::vector<std::uint16_t> ports;
    HostWatch::Addresses addresses;
  };

  ForeignSocket(Socket socket, const Settings& settings)
      : socket_(std::move(socket)), log_(settings.log) {}
  Result<void> connect(const std::vector<std::string>& addresses);
  void follow();
  void move(const std::string& name, Host& host, const HostWatch::Addresses& now);

  Socket socket_;
  Log* log_;
  std::map<std::string, Host> hosts_;
  std::optional<HostWatch> watch_;
};

}  // namespace docmill

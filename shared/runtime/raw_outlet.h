// RawOutlet: sends documents over a raw link, each as a message of its own: [document], or
// [topic][document], and where that is asked for a sequence.
//
// At most once. One thread at a time; it may be handed to another one with a lock.
#pragma once

#include <array>
#include <map>
#include <string>

#include "shared/config/raw_link.h"
#include "shared/document/document.h"
#include "shared/transport/foreign_socket.h"

namespace docmill {

class RawOutlet {
 public:
  // place: in front of an error: "sink.zmq". name: of the daemon, for {sink} in addresses. Errors
  // as of ForeignSocket::open(), and of keys. log outlives it.
  static Result<RawOutlet> open(const RawSendConfig& config, const Context& sockets,
                                const std::string& place, const std::string& name, Log& log);

  // False: there is no peer, or none that takes it, and nothing of it was sent; never of a PUB that
  // drops. Never blocks.
  bool send(const DocumentView& document);
  // See Socket.
  void drop_for_slow(bool drop) { socket_.drop_for_slow(drop); }
  const ForeignSocket& socket() const { return socket_; }
  // "tcp://127.0.0.1:5558", or several.
  const std::string& addresses() const { return addresses_; }
  // What was handed over is sent as long as the linger lasts; nothing can be sent afterwards.
  void close(Duration linger) { socket_.close(linger); }

 private:
  RawOutlet(const RawSendConfig& config, ForeignSocket socket, std::string addresses)
      : config_(config), socket_(std::move(socket)), addresses_(std::move(addresses)) {}
  std::string topic_of(const DocumentView& document) const;

  RawSendConfig config_;
  ForeignSocket socket_;
  std::string addresses_;
  std::map<std::string, std::uint32_t> sequences_;  // the next of each topic
};

}  // namespace docmill

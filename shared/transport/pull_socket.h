// PullSocket: takes messages from every peer that connects to it. In a pipeline, PULL binds.
//
// One thread at a time. A peer that breaks the rules of the wire (garbage, a frame over the limit)
// loses its connection and nobody else's.
#pragma once

#include "shared/transport/pull_link.h"
#include "shared/transport/socket.h"

namespace docmill {

class PullSocket final : public PullLink {
 public:
  // Unavailable: another process has the address, or its name cannot be looked up now. Config: the
  // address is not one to bind.
  static Result<PullSocket> bind(const Context& context, const std::string& address,
                                 const SocketLimits& limits,
                                 const std::optional<CurveServer>& curve = {});
  // The first free port of [first, last], from a random one on, so that programs started together
  // seldom meet. A name is looked up once.
  static Result<PullSocket> bind_in_range(const Context& context, const std::string& host,
                                          std::uint16_t first, std::uint16_t last,
                                          const SocketLimits& limits,
                                          const std::optional<CurveServer>& curve = {});

  bool receive(std::vector<Frame>& message) override { return socket_.receive(message); }
  // Messages discarded for having too many frames.
  std::uint64_t discarded() const { return socket_.discarded(); }
  // The address that it is bound to, as given or with the port that was found.
  const std::string& endpoint() const { return endpoint_; }
  // For the log: the endpoint, and the addresses that its name had.
  std::string place() const { return host_->text(); }

 private:
  friend class Poller;
  PullSocket(Socket socket, std::string endpoint, std::shared_ptr<OwnHost> host)
      : socket_(std::move(socket)), endpoint_(std::move(endpoint)), host_(std::move(host)) {}

  Socket socket_;
  std::string endpoint_;
  std::shared_ptr<OwnHost> host_;
};

}  // namespace docmill

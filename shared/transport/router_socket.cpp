#include "shared/transport/router_socket.h"

#include <zmq.h>

#include "shared/base/check.h"

namespace docmill {

Result<RouterSocket> RouterSocket::bind(const Context& context, const std::string& address,
                                        const SocketLimits& limits, std::uint32_t answers) {
  auto where = parse_endpoint(address);
  if (!where) return where.error();
  auto host = context.names().own(*where);
  if (!host) return host.error();
  auto socket = Socket::open(context, Socket::Kind::kRouter, limits);
  if (!socket) return socket.error();
  const int waiting = static_cast<int>(answers);
  // A client that comes back under its name is the client, and not the connection that died.
  const int handover = 1;
  const bool set =
      zmq_setsockopt(socket->handle(), ZMQ_SNDHWM, &waiting, sizeof waiting) == 0 &&
      zmq_setsockopt(socket->handle(), ZMQ_ROUTER_HANDOVER, &handover, sizeof handover) == 0;
  DOCMILL_CHECK(set, "{} answers: {}", answers, zmq_strerror(errno));
  if (auto bound = socket->bind(*where, std::move(*host)); !bound) return bound.error();
  return RouterSocket(std::move(*socket));
}

int RouterSocket::fd() const {
  int number = -1;
  std::size_t size = sizeof number;
  const int done = zmq_getsockopt(socket_.handle(), ZMQ_FD, &number, &size);
  DOCMILL_CHECK(done == 0, "{}", zmq_strerror(errno));
  return number;
}

}  // namespace docmill

#include "shared/transport/pub_socket.h"

#include "shared/base/check.h"

namespace docmill {

Result<PubSocket> PubSocket::bind(const Context& context, const std::string& address,
                                  const SocketLimits& limits,
                                  const std::optional<CurveServer>& curve) {
  const auto where = parse_endpoint(address);
  if (!where) return where.error();
  auto host = context.names().own(*where);
  if (!host) return host.error();
  auto socket = Socket::open(context, Socket::Kind::kPub, limits);
  if (!socket) return socket.error();
  if (curve) socket->protect(*curve);
  if (auto bound = socket->bind(*where, std::move(*host)); !bound) return bound.error();
  return PubSocket(std::move(*socket), address);
}

bool PubSocket::send(std::span<Frame> message, bool drop) {
  socket_.drop_for_slow(drop);
  const bool taken = socket_.send(message);
  DOCMILL_CHECK(taken || !drop, "{} frames on {}", message.size(), endpoint_);
  return taken;
}

}  // namespace docmill

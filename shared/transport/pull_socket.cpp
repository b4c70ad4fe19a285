#include "shared/transport/pull_socket.h"

#include <fmt/format.h>

#include <random>

#include "shared/base/check.h"

namespace docmill {

Result<PullSocket> PullSocket::bind(const Context& context, const std::string& address,
                                    const SocketLimits& limits,
                                    const std::optional<CurveServer>& curve) {
  auto where = parse_endpoint(address);
  if (!where) return where.error();
  auto host = context.names().own(*where);
  if (!host) return host.error();
  auto socket = Socket::open(context, Socket::Kind::kPull, limits);
  if (!socket) return socket.error();
  if (curve) socket->protect(*curve);
  if (auto bound = socket->bind(*where, *host); !bound) return bound.error();
  return PullSocket(std::move(*socket), address, std::move(*host));
}

Result<PullSocket> PullSocket::bind_in_range(const Context& context, const std::string& host,
                                             std::uint16_t first, std::uint16_t last,
                                             const SocketLimits& limits,
                                             const std::optional<CurveServer>& curve) {
  DOCMILL_CHECK(first <= last, "{}-{}", first, last);
  auto where = parse_endpoint(fmt::format("tcp://{}:{}", host, first));
  if (!where) return where.error();
  auto own = context.names().own(*where);
  if (!own) return own.error();
  auto socket = Socket::open(context, Socket::Kind::kPull, limits);
  if (!socket) return socket.error();
  if (curve) socket->protect(*curve);
  const std::uint32_t ports = last - first + 1u;
  const std::uint32_t start = std::random_device()() % ports;
  for (std::uint32_t i = 0; i < ports; ++i) {
    where->port = static_cast<std::uint16_t>(first + (start + i) % ports);
    const auto bound = socket->bind(*where, *own);
    if (bound) return PullSocket(std::move(*socket), to_string(*where), std::move(*own));
    if (bound.error().code == ErrorCode::kConfig) return bound.error();  // no port would be better
  }
  return unavailable(
      fmt::format("tcp://{}: expected a free port from {} to {}, found none; stop a process that "
                  "has one, or give a wider range",
                  host, first, last));
}

}  // namespace docmill

#include "shared/transport/foreign_socket.h"

#include "shared/transport/endpoint.h"

namespace docmill {

Result<ForeignSocket> ForeignSocket::open(const Context& context, const Settings& settings) {
  auto socket = Socket::open(context, settings.kind, settings.limits);
  if (!socket) return socket.error();
  if (settings.curve) socket->protect(*settings.curve);
  if (settings.kind == Socket::Kind::kPush) socket->expect_peers();
  if (settings.kind == Socket::Kind::kSub) {
    if (settings.subscribe.empty()) socket->subscribe("");
    for (const std::string& prefix : settings.subscribe) socket->subscribe(prefix);
  }
  for (const std::string& address : settings.bind) {
    const auto where = parse_endpoint(address);
    if (!where) return where.error();
    if (auto bound = socket->bind(*where); !bound) return bound.error();
  }
  for (const std::string& address : settings.connect) {
    const auto where = parse_endpoint(address);
    if (!where) return where.error();
    if (auto connected = socket->connect(*where); !connected) return connected.error();
  }
  return ForeignSocket(std::move(*socket));
}

}  // namespace docmill

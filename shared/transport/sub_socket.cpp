#include "shared/transport/sub_socket.h"

namespace docmill {

Result<SubSocket> SubSocket::connect(const Context& context, const std::string& address,
                                     const std::vector<std::string>& prefixes,
                                     const SocketLimits& limits) {
  const auto where = parse_endpoint(address);
  if (!where) return where.error();
  auto socket = Socket::open(context, Socket::Kind::kSub, limits);
  if (!socket) return socket.error();
  for (const std::string& prefix : prefixes) socket->subscribe(prefix);
  if (auto connected = socket->connect(*where); !connected) return connected.error();
  return SubSocket(std::move(*socket));
}

}  // namespace docmill

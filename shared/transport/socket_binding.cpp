// How a socket gets its addresses of this machine.
#include <fmt/format.h>
#include <zmq.h>

#include <cerrno>

#include "shared/base/in_use.h"
#include "shared/base/system_error.h"
#include "shared/transport/host_watch.h"
#include "shared/transport/socket.h"
#include "shared/transport/socket_file.h"

namespace docmill {
namespace {

Error bind_error(const Endpoint& endpoint, int problem) {
  const std::string name = to_string(endpoint);
  switch (problem) {
    case EADDRINUSE:
      return unavailable(in_use(name));
    case ENODEV:
    case EADDRNOTAVAIL:
      return config_error(fmt::format(
          "{}: expected an address of this machine, found '{}'; use 127.0.0.1 for programs on this "
          "machine, 0.0.0.0 for all",
          name, endpoint.host));
    case EACCES:
      return config_error(fmt::format("{}: permission denied; choose {}", name,
                                      endpoint.kind == Endpoint::Kind::kTcp
                                          ? "a port from 1024 up"
                                          : "a folder that this user may write"));
    default:
      return unavailable(fmt::format("{}: {}", name, zmq_strerror(problem)));
  }
}

}  // namespace

Result<void> Socket::bind(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::kIpc) {
    if (auto ready = prepare_socket_file(endpoint); !ready) return ready;
  }
  if (endpoint.kind != Endpoint::Kind::kTcp || !HostWatch::is_name(endpoint.host)) {
    return bind_address(endpoint);
  }
  const auto found = HostWatch::look_up(endpoint.host);
  if (!found) {
    return unavailable(fmt::format("{}: expected a name that has an address, found none: {}",
                                   to_string(endpoint), found.error().text));
  }
  for (const std::string& address : *found) {
    Endpoint where = endpoint;
    where.host = address;
    if (auto bound = bind_address(where); !bound) return bound;
  }
  return {};
}

Result<void> Socket::bind_address(const Endpoint& endpoint) {
  set(ZMQ_IPV6, endpoint.host.starts_with('[') ? 1 : 0);
  if (zmq_bind(handle_, to_string(endpoint).c_str()) != 0) return bind_error(endpoint, errno);
  // On a Unix socket libzmq 4.3.4 aborts where it cannot accept; no guard would be in time.
  if (endpoint.kind == Endpoint::Kind::kTcp) {
    if (auto guard = AcceptGuard::watch(endpoint)) guards_.push_back(std::move(guard));
  }
  return {};
}

}  // namespace docmill

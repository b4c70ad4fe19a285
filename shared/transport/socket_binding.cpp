// How a socket gets its addresses of this machine.
#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "shared/base/in_use.h"
#include "shared/base/system_error.h"
#include "shared/transport/host_names.h"
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

Result<void> Socket::bind(const Endpoint& endpoint, std::shared_ptr<OwnHost> host) {
  if (endpoint.kind == Endpoint::Kind::kIpc) {
    if (auto ready = prepare_socket_file(endpoint); !ready) return ready;
  }
  std::vector<std::unique_ptr<AcceptGuard>> guards;
  std::vector<std::string> bound;
  for (const std::string& address : host->addresses()) {
    Endpoint where = endpoint;
    where.host = address;
    auto guard = bind_address(where);
    if (!guard) {
      guards.clear();
      for (const std::string& one : bound) zmq_unbind(handle_, one.c_str());
      return guard.error();
    }
    bound.push_back(to_string(where));
    if (*guard) guards.push_back(std::move(*guard));
  }
  std::move(guards.begin(), guards.end(), std::back_inserter(guards_));
  host->bound(endpoint);
  hosts_.push_back(std::move(host));
  return {};
}

// The guard is null where none can be had.
Result<std::unique_ptr<AcceptGuard>> Socket::bind_address(const Endpoint& endpoint) {
  set(ZMQ_IPV6, endpoint.host.starts_with('[') ? 1 : 0);
  if (zmq_bind(handle_, to_string(endpoint).c_str()) != 0) return bind_error(endpoint, errno);
  // On a Unix socket libzmq 4.3.4 aborts where it cannot accept; no guard would be in time.
  if (endpoint.kind != Endpoint::Kind::kTcp) return std::unique_ptr<AcceptGuard>();
  return AcceptGuard::watch(endpoint);
}

}  // namespace docmill

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "producer/http/http_server.h"
#include "shared/base/in_use.h"
#include "shared/config/address.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr int kWaiting = 1024;  // connections that the kernel keeps until they are taken

Error listen_error(const std::string& bind, int problem) {
  if (is_transient(problem)) {
    return unavailable(fmt::format("http://{}: {}", bind, error_text(problem)));
  }
  if (problem == EADDRINUSE) return unavailable(in_use("http://" + bind));
  if (problem == EADDRNOTAVAIL) {
    return config_error(fmt::format(
        "http://{}: expected an address of this machine; use 127.0.0.1 for programs on this "
        "machine, 0.0.0.0 for all",
        bind));
  }
  return config_error(
      fmt::format("http://{}: {}; choose another address", bind, error_text(problem)));
}

// What getaddrinfo() calls it: without the brackets of IPv6, and nothing for every interface.
std::string host_of(const Address& address) {
  if (address.host == "*") return "0.0.0.0";
  if (address.host.starts_with('[')) return address.host.substr(1, address.host.size() - 2);
  return address.host;
}

}  // namespace

Result<FileDescriptor> listen_at(const std::string& bind) {
  const auto address = parse_address("tcp://" + bind);
  if (!address) return config_error(fmt::format("http://{}: {}", bind, address.error().text));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int unknown =
      getaddrinfo(host_of(*address).c_str(), std::to_string(address->port).c_str(), &hints, &list);
  if (unknown == EAI_AGAIN || unknown == EAI_MEMORY ||
      (unknown == EAI_SYSTEM && is_transient(errno))) {
    return unavailable(fmt::format("http://{}: {}", bind, std::string(gai_strerror(unknown))));
  }
  if (unknown != 0) {
    return config_error(fmt::format("http://{}: {}; name a host of this machine", bind,
                                    std::string(gai_strerror(unknown))));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(list, freeaddrinfo);
  FileDescriptor socket(::socket(
      found->ai_family, found->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, found->ai_protocol));
  if (!socket.open()) return listen_error(bind, errno);
  // A daemon that is started again finds connections of the last one that are not quite over.
  const int yes = 1;
  setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(socket.number(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(socket.number(), kWaiting) != 0) {
    return listen_error(bind, errno);
  }
  return socket;
}

}  // namespace docmill

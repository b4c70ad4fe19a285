#include "shared/transport/socket_owner.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "shared/base/check.h"

namespace docmill {

SocketOwner SocketOwner::find(const std::string& path) {
  sockaddr_un name{};
  DOCMILL_CHECK(path.size() < sizeof name.sun_path, "{}", path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return {errno, 0};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  SocketOwner owner;
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
    owner.problem = errno;
  } else if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
    owner.process = credentials.pid;
  }
  ::close(fd);
  return owner;
}

}  // namespace docmill

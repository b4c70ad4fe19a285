#include "shared/transport/socket_file.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "shared/base/system_error.h"

namespace docmill {
namespace {

Result<void> make_folders(const Endpoint& endpoint) {
  for (auto slash = endpoint.path.find('/', 1); slash != std::string::npos;
       slash = endpoint.path.find('/', slash + 1)) {
    const std::string folder = endpoint.path.substr(0, slash);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
      if (is_transient(errno)) {
        return unavailable(fmt::format("{}: create folder {}: {}", to_string(endpoint), folder,
                                       error_text(errno)));
      }
      return config_error(
          fmt::format("{}: create folder {}: {}; choose a folder that this user may write",
                      to_string(endpoint), folder, std::strerror(errno)));
    }
  }
  return {};
}

// The errno of a connection attempt, 0 when somebody took it.
int try_to_connect(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  const int problem =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
  ::close(fd);
  return problem;
}

}  // namespace

Result<void> prepare_socket_file(const Endpoint& endpoint) {
  if (auto folders = make_folders(endpoint); !folders) return folders;
  struct stat found {};
  if (::lstat(endpoint.path.c_str(), &found) != 0) return {};  // nothing there, or bind() will say
  if (!S_ISSOCK(found.st_mode)) {
    return config_error(fmt::format(
        "{}: expected a socket or nothing at this path, found another file; choose another address",
        to_string(endpoint)));
  }
  switch (const int problem = try_to_connect(endpoint.path)) {
    case ECONNREFUSED:  // its process is gone
    case ENOENT:
      return {};
    case 0:
    case EAGAIN:  // its queue of connections is full
    case EPROTOTYPE:
      return unavailable(
          fmt::format("{}: in use by another process; stop it first, or choose another address",
                      to_string(endpoint)));
    default:
      return unavailable(fmt::format("{}: {}; stop its owner first, or choose another address",
                                     to_string(endpoint), std::strerror(problem)));
  }
}

}  // namespace docmill

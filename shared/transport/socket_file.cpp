#include "shared/transport/socket_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "shared/base/in_use.h"
#include "shared/base/system_error.h"
#include "shared/transport/socket_owner.h"

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
  switch (const int problem = SocketOwner::find(endpoint.path).problem) {
    case ECONNREFUSED:  // its process is gone
    case ENOENT:
      return {};
    case 0:
    case EAGAIN:  // its queue of connections is full
    case EPROTOTYPE:
      return unavailable(in_use(to_string(endpoint)));
    default:
      return unavailable(fmt::format("{}: {}; stop its owner first, or choose another address",
                                     to_string(endpoint), std::strerror(problem)));
  }
}

}  // namespace docmill

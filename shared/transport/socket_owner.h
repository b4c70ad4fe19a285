// SocketOwner: the process that listens at the path of a Unix socket, as the kernel knows it.
//
// A process number in a message or a file may come from another PID namespace, where it belongs to
// another process. The kernel translates this one. A value; one connection attempt, which is closed
// at once.
#pragma once

#include <cstdint>
#include <string>

namespace docmill {

struct SocketOwner {
  // The errno of the connection attempt. 0: a process listens; ECONNREFUSED or ENOENT: none does.
  int problem = 0;
  // 0 when it runs in a PID namespace that this process cannot see, or when `problem` is not 0.
  std::int64_t process = 0;

  // path: at most as long as the path of a socket may be.
  static SocketOwner find(const std::string& path);
};

}  // namespace docmill

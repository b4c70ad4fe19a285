#include "shared/transport/wakeup.h"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace docmill {

Result<Wakeup> Wakeup::open() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) {
    return unavailable(fmt::format("open an eventfd: {}; raise the limit of open files (ulimit -n)",
                                   std::strerror(errno)));
  }
  return Wakeup(fd);
}

Wakeup::~Wakeup() {
  if (fd_ >= 0) ::close(fd_);
}

Wakeup::Wakeup(Wakeup&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

// Neither can go wrong in a way that matters: a full counter and an empty one mean the same here.
void Wakeup::wake() { ::eventfd_write(fd_, 1); }

void Wakeup::clear() {
  eventfd_t count = 0;
  ::eventfd_read(fd_, &count);
}

}  // namespace docmill

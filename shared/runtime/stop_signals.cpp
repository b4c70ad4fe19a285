#include "shared/runtime/stop_signals.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace docmill {

Result<StopSignals> StopSignals::open() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  // A closed pipe and a file at its size limit are errors of a call, not the end of the process.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  const int fd = signalfd(-1, &stops, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    return unavailable(fmt::format("signals cannot be watched: {}", std::strerror(errno)));
  return StopSignals(fd);
}

StopSignals::~StopSignals() {
  if (fd_ >= 0) ::close(fd_);
}

StopSignals::StopSignals(StopSignals&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), count_(other.count_) {}

int StopSignals::count() {
  signalfd_siginfo info;
  while (::read(fd_, &info, sizeof info) == sizeof info) ++count_;
  return count_;
}

}  // namespace docmill

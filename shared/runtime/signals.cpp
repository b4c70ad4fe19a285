#include "shared/runtime/signals.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace docmill {

Result<Signals> Signals::open(Hangup hangup) {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&watched, number);
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  // A closed pipe and a file at its size limit are errors of a call, not the end of the process.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  const int fd = signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0)
    return unavailable(fmt::format("signals cannot be watched: {}", std::strerror(errno)));
  return Signals(fd, hangup);
}

Signals::~Signals() {
  if (fd_ >= 0) ::close(fd_);
}

Signals::Signals(Signals&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      hangup_(other.hangup_),
      stops_(other.stops_),
      reload_(other.reload_) {}

void Signals::wait(Duration most) const {
  pollfd signal{fd_, POLLIN, 0};
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(most);
  ::poll(&signal, 1, static_cast<int>(patience.count()));
}

void Signals::read() {
  signalfd_siginfo info;
  while (::read(fd_, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGHUP && hangup_ == Hangup::kReload) {
      reload_ = true;
    } else {
      ++stops_;
    }
  }
}

int Signals::stops() {
  read();
  return stops_;
}

bool Signals::reload_asked() {
  read();
  return reload_;
}

bool Signals::take_reload() {
  read();
  return std::exchange(reload_, false);
}

}  // namespace docmill

#include "shared/transport/accept_guard.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace docmill {
namespace {

constexpr int kAccepted = 20;   // milliseconds in which libzmq accepts what has come
constexpr int kKeptOut = 1000;  // until it is looked whether there are files again
constexpr rlim_t kEnough = 8;

// Zero when it does not listen to TCP.
int listening_port(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return 0;
  sockaddr_in6 address{};
  size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  // Both families have the port at the same place.
  const bool is_tcp = address.sin6_family == AF_INET || address.sin6_family == AF_INET6;
  return is_tcp ? ntohs(address.sin6_port) : 0;
}

// Of the process: of the table that its first thread has.
std::filesystem::directory_iterator open_files() {
  std::error_code failed;
  return std::filesystem::directory_iterator("/proc/self/fd", failed);
}

bool has_files(rlim_t count) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto files = open_files();
  return static_cast<rlim_t>(std::distance(begin(files), end(files))) + count <= limit.rlim_cur;
}

// The kernel's own calls here and below: a sanitizer knows of one table of files only.
// False where the kernel cannot: what this thread had then would never be closed.
bool keep_only(unsigned one, unsigned other) {
  const auto close_all = [](unsigned first, unsigned last) {
    return first > last || ::syscall(SYS_close_range, first, last, 0U) == 0;
  };
  const auto [first, second] = std::minmax(one, other);
  return (first == 0 || close_all(0, first - 1)) && close_all(first + 1, second - 1) &&
         close_all(second + 1, ~0U);
}

}  // namespace

// libzmq tells nobody which descriptor an address has. Where an address was bound twice (to two of
// the machine's addresses) either will do: both are watched in the end, or one of them twice.
std::unique_ptr<AcceptGuard> AcceptGuard::watch(std::uint16_t port) {
  auto wakeup = Wakeup::open();
  if (!wakeup) return nullptr;
  for (const auto& file : open_files()) {
    const int fd = std::atoi(file.path().filename().c_str());
    if (listening_port(fd) != port) continue;
    return std::unique_ptr<AcceptGuard>(new AcceptGuard(fd, std::move(*wakeup)));
  }
  return nullptr;
}

AcceptGuard::~AcceptGuard() {
  wakeup_.wake();
  thread_.join();
}

void AcceptGuard::run() {
  if (::unshare(CLONE_FILES) != 0) return;
  if (!keep_only(static_cast<unsigned>(listener_), static_cast<unsigned>(wakeup_.fd()))) return;
  while (comes(-1)) {
    if (!wait(kAccepted)) return;
    if (has_files(1) || !comes(0)) continue;
    sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    const sock_fprog program{std::size(nothing), nothing};
    ::setsockopt(listener_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    do {
      hang_up();
      if (!wait(kKeptOut)) return;
    } while (!has_files(kEnough));
    const int unused = 0;
    ::setsockopt(listener_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  }
}

// Whether a connection waits by then; false when it is time to end.
bool AcceptGuard::comes(int milliseconds) const {
  pollfd waited[] = {{wakeup_.fd(), POLLIN, 0}, {listener_, POLLIN, 0}};
  while (::poll(waited, std::size(waited), milliseconds) < 0) {
  }
  return waited[0].revents == 0 && waited[1].revents != 0;
}

// False when it is time to end.
bool AcceptGuard::wait(int milliseconds) const {
  pollfd woken{wakeup_.fd(), POLLIN, 0};
  return ::poll(&woken, 1, milliseconds) <= 0;
}

void AcceptGuard::hang_up() const {
  while (comes(0)) {
    const long stranger = ::syscall(SYS_accept4, listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (stranger < 0 && errno != EAGAIN && errno != ECONNABORTED) return;
    if (stranger >= 0) ::syscall(SYS_close, stranger);
  }
}

}  // namespace docmill

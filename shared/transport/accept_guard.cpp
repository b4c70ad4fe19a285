#include "shared/transport/accept_guard.h"

#include <linux/close_range.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "shared/base/start_thread.h"

namespace docmill {
namespace {

constexpr int kAccepting = 20;  // milliseconds that the library is given to accept
// It may leave connections in the queue on purpose, at a limit of its own; then look less often.
constexpr int kMaxAccepting = 320;
constexpr int kRefusing = 1000;  // milliseconds between two looks for free descriptors
constexpr rlim_t kEnough = 8;

bool is_listener_of(const Endpoint& endpoint, int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
    return false;
  }
  sockaddr_storage address{};
  size = sizeof address;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
  // Both families have the port in the same place.
  const auto* tcp = reinterpret_cast<const sockaddr_in6*>(&address);
  const bool is_tcp = address.ss_family == AF_INET || address.ss_family == AF_INET6;
  return is_tcp && ntohs(tcp->sin6_port) == endpoint.port;
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

// Gives this thread a descriptor table of its own, with these two only. The kernel's own calls here
// and below: a sanitizer knows of one table of files only. Not unshare(2), which the seccomp
// profiles of containers refuse. False where the kernel cannot.
bool keep_only(unsigned one, unsigned other) {
  const auto close_all = [](unsigned first, unsigned last, unsigned flags) {
    return first > last || ::syscall(SYS_close_range, first, last, flags) == 0;
  };
  const auto [first, second] = std::minmax(one, other);
  return close_all(second + 1, ~0U, CLOSE_RANGE_UNSHARE) && close_all(first + 1, second - 1, 0) &&
         (first == 0 || close_all(0, first - 1, 0));
}

}  // namespace

// libzmq does not tell which descriptor an endpoint has. If a port was bound twice (at two of the
// machine's addresses), either listener will do: both end up watched, or one of them twice.
std::unique_ptr<AcceptGuard> AcceptGuard::watch(const Endpoint& endpoint) {
  for (const auto& file : open_files()) {
    const int fd = std::atoi(file.path().filename().c_str());
    if (is_listener_of(endpoint, fd)) return watch(fd);
  }
  return nullptr;
}

std::unique_ptr<AcceptGuard> AcceptGuard::watch(int listener) {
  auto wakeup = Wakeup::open();
  if (!wakeup) return nullptr;
  std::unique_ptr<AcceptGuard> guard(new AcceptGuard(listener, std::move(*wakeup)));
  auto thread = start_thread([self = guard.get()] { self->run(); });
  if (!thread) return nullptr;
  guard->thread_ = std::move(*thread);
  return guard;
}

AcceptGuard::~AcceptGuard() {
  wakeup_.wake();
  if (thread_.joinable()) thread_.join();
}

void AcceptGuard::run() {
  if (!keep_only(static_cast<unsigned>(listener_), static_cast<unsigned>(wakeup_.fd()))) return;
  int accepting = kAccepting;
  while (wait(-1) == Event::kConnection) {
    if (ends(accepting)) return;
    if (wait(0) != Event::kConnection) {
      accepting = kAccepting;
    } else if (has_files(1)) {
      accepting = std::min(2 * accepting, kMaxAccepting);
    } else if (!refuse_all()) {
      return;
    }
  }
}

// Until there are descriptors again; false when the guard ends.
bool AcceptGuard::refuse_all() const {
  sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog program{std::size(nothing), nothing};
  ::setsockopt(listener_, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
  do {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kRefusing);
    for (auto left = kRefusing; left > 0;) {
      const Event event = wait(left);
      if (event == Event::kEnd) return false;
      if (event == Event::kNone) break;
      if (!hang_up() && ends(kRefusing)) return false;
      left = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                  end - std::chrono::steady_clock::now())
                                  .count());
    }
  } while (!has_files(kEnough));
  const int unused = 0;
  ::setsockopt(listener_, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused);
  return true;
}

AcceptGuard::Event AcceptGuard::wait(int milliseconds) const {
  pollfd waited[] = {{wakeup_.fd(), POLLIN, 0}, {listener_, POLLIN, 0}};
  while (::poll(waited, std::size(waited), milliseconds) < 0) {
  }
  if (waited[0].revents != 0) return Event::kEnd;
  return waited[1].revents != 0 ? Event::kConnection : Event::kNone;
}

// Does not look at connections.
bool AcceptGuard::ends(int milliseconds) const {
  pollfd woken{wakeup_.fd(), POLLIN, 0};
  return ::poll(&woken, 1, milliseconds) > 0;
}

// Closes the waiting connections; false when even that is impossible right now.
bool AcceptGuard::hang_up() const {
  while (wait(0) == Event::kConnection) {
    const long stranger = ::syscall(SYS_accept4, listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (stranger < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR) return false;
    if (stranger >= 0) ::syscall(SYS_close, stranger);
  }
  return true;
}

}  // namespace docmill

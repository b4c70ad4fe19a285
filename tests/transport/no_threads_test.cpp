// What needs a thread, in a process that cannot start one.
#include <sys/resource.h>
#include <sys/wait.h>

#include <functional>

#include "shared/transport/accept_guard.h"
#include "shared/transport/host_watch.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

constexpr uid_t kNobody = 65534;  // the superuser has no limit

bool limit_threads(rlim_t most) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NPROC, &limit);
  limit.rlim_cur = std::min(most, limit.rlim_max);
  return ::setrlimit(RLIMIT_NPROC, &limit) == 0;
}

// What `check` returns in a process of its own; false when that ends in another way.
bool without_threads(const std::function<bool()>& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    const bool limited = (::geteuid() != 0 || ::setuid(kNobody) == 0) && limit_threads(0);
    ::_exit(limited && check() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("without a thread a name has an error, and is looked up when there is one again") {
  CHECK(without_threads([] {
    HostWatch watch({"host.example"}, 1ms, [](const std::string&) {
      return Result<HostWatch::Addresses>(HostWatch::Addresses{"127.0.0.2"});
    });
    const auto before = watch.take();
    const auto refused = before.find("host.example");
    if (refused == before.end() || refused->second) return false;
    if (!refused->second.error().text.starts_with("start a thread: ")) return false;
    limit_threads(RLIM_INFINITY);
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < deadline) {
      const auto now = watch.take(10ms);
      if (now.contains("host.example") && now.at("host.example")) return true;
    }
    return false;
  }));
}

TEST_CASE("without a thread a listener has no guard") {
  const RawSocket listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::listen(listener.fd(), 1) == 0);
  CHECK(without_threads([&] { return AcceptGuard::watch(listener.fd()) == nullptr; }));
  CHECK(AcceptGuard::watch(listener.fd()) != nullptr);
}

}  // namespace
}  // namespace docmill

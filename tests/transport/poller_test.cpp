#include "shared/transport/poller.h"

#include <sys/timerfd.h>

#include <thread>

#include "shared/transport/wakeup.h"
#include "tests/transport/fixture.h"

namespace docmill {
namespace {

TEST_CASE("a wait ends with its time when nothing is ready, and not before") {
  const TempFolder folder;
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  Poller poller;
  CHECK_FALSE(poller.wait(0s));
  const auto ticket = poller.readable(pull);
  for (const Duration time : {Duration(0), Duration(100us), Duration(20ms), Duration(-1s)}) {
    const auto start = std::chrono::steady_clock::now();
    CHECK_FALSE(poller.wait(time));
    CHECK(std::chrono::steady_clock::now() - start >= time);
    CHECK_FALSE(poller.ready(ticket));
  }
}

TEST_CASE("a wait says which of sockets and files are ready") {
  const TempFolder folder;
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(Scheme::kIpc, folder), kPairs));
  auto silent = required(PullSocket::bind(context, "ipc://" + folder / "silent", kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  auto wakeup = required(Wakeup::open());
  const RawSocket timer(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  const itimerspec soon = {.it_interval = {}, .it_value = {.tv_sec = 0, .tv_nsec = 1}};
  REQUIRE(::timerfd_settime(timer.fd(), 0, &soon, nullptr) == 0);
  send(push, {"a"});
  Poller poller;
  const auto from_push = poller.readable(pull);
  const auto from_nobody = poller.readable(silent);
  const auto to_pull = poller.writable(push);
  const auto from_thread = poller.readable(wakeup.fd());
  const auto from_timer = poller.readable(timer.fd());
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!(poller.wait(kDeadline) && poller.ready(from_push) && poller.ready(from_timer))) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
  CHECK(poller.ready(to_pull));
  CHECK_FALSE(poller.ready(from_nobody));
  CHECK_FALSE(poller.ready(from_thread));
}

TEST_CASE("a socket that was ready and is cleared may go; the next wait knows nothing of it") {
  const TempFolder folder;
  const Context context = open_context();
  Poller poller;
  for (int i = 0; i < 5; ++i) {
    auto pull = required(PullSocket::bind(
        context, fmt::format("ipc://{}", folder / "s") + std::to_string(i), kPairs));
    auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
    send(push, {"a"});
    poller.clear();
    const auto ticket = poller.readable(pull);
    REQUIRE(poller.wait(kDeadline));
    CHECK(poller.ready(ticket));
  }
  poller.clear();
  CHECK_FALSE(poller.wait(1ms));
}

TEST_CASE("a full queue is not writable until the peer reads") {
  const TempFolder folder;
  const auto scheme = GENERATE(Scheme::kTcp, Scheme::kIpc);
  const Context context = open_context();
  auto pull = required(PullSocket::bind(context, free_address(scheme, folder), kPairs));
  auto push = required(PushSocket::connect(context, pull.endpoint(), kPairs));
  Poller poller;
  const auto room = poller.writable(push);
  Frame frame = Frame::copy(std::string(1 << 20, 'x'));
  // Until it stays full although libzmq's thread had time to send.
  do {
    while (push.send(frame)) frame = Frame::copy(std::string(1 << 20, 'x'));
  } while (poller.wait(300ms));
  CHECK_FALSE(poller.ready(room));
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while (!poller.wait(0s)) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    receive(pull);
  }
  CHECK(push.send(frame));
}

TEST_CASE("another thread ends a wait, once for many calls") {
  auto wakeup = required(Wakeup::open());
  Poller poller;
  poller.readable(wakeup.fd());
  std::thread other([&wakeup] {
    for (int i = 0; i < 100; ++i) wakeup.wake();
  });
  CHECK(poller.wait(kDeadline));
  other.join();
  wakeup.clear();
  CHECK_FALSE(poller.wait(0s));
  wakeup.wake();
  CHECK(poller.wait(0s));
}

}  // namespace
}  // namespace docmill

// What becomes of the daemons of a run, by how they end.
#include "cli/children.h"

#include <sys/resource.h>

#include "shared/base/in_use.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Started {
  TempFolder folder;
  std::vector<std::string> said;
  Children children{[this](const std::string& line) { said.push_back(line); }};
  SystemClock clock;

  void start(const std::string& role, const std::string& script) {
    children.start({role, role + "1", {"/bin/sh", "-c", script}, folder / (role + ".log")},
                   clock.now());
  }
  // Without a tick of its own: the end of a child wakes the poller.
  void wait_for_end(const std::string& role) {
    const Time deadline = clock.now() + std::chrono::seconds(30);
    while (!children.gone(role) && clock.now() < deadline) {
      Poller poller;
      children.watch(poller);
      poller.wait(std::chrono::seconds(30));
      children.tick(clock.now());
    }
    CHECK(clock.now() < deadline);
  }
  // Ticks with a time of its own, which goes on by `step` after each end of the child.
  int ends_until_gone(const std::string& role, Duration step, int most) {
    const std::string log = folder / (role + ".log");
    Time now = clock.now();
    for (int ends = 1; ends <= most; ++ends) {
      Poller poller;
      children.watch(poller);
      poller.wait(std::chrono::seconds(30));
      now += step;
      children.tick(now);
      if (children.gone(role)) return ends;
      now += std::chrono::seconds(5);
      children.tick(now);
    }
    return 0;
  }
};

std::string ends_with_69(const std::string& error) {
  return "echo '2026-11-30T12:00:00.000Z error sink1 " + error + "' >&2; exit 69";
}

TEST_CASE_METHOD(Started, "a producer that could not read all has finished; nothing failed") {
  start("producer", "exit 65");
  wait_for_end("producer");
  CHECK_FALSE(children.failure().has_value());
  CHECK(children.incomplete() == std::vector<std::string>{"producer1"});
}

TEST_CASE_METHOD(Started, "a producer that somebody else has stopped has not finished") {
  start("producer", "exit 75");
  wait_for_end("producer");
  CHECK_FALSE(children.failure().has_value());
  CHECK(children.interrupted() == std::vector<std::string>{"producer1"});
}

TEST_CASE_METHOD(Started, "a producer that is told to stop was not stopped by somebody else") {
  start("producer", "exit 75");
  children.stop("producer", 0);
  wait_for_end("producer");
  CHECK_FALSE(children.failure().has_value());
  CHECK(children.interrupted().empty());
}

TEST_CASE_METHOD(Started, "any other daemon that ends with that code has failed") {
  start("sink", "exit 65");
  wait_for_end("sink");
  REQUIRE(children.failure().has_value());
  CHECK(children.failure()->name == "sink1");
  CHECK(children.failure()->code == 65);
  CHECK(children.incomplete().empty());
}

TEST_CASE_METHOD(Started, "the end of a child wakes who watches it") {
  start("producer", "exit 0");
  start("transformer", "exit 3");
  wait_for_end("producer");
  wait_for_end("transformer");
  CHECK(children.failure()->code == 3);
}

TEST_CASE_METHOD(Started, "an address that stays in use is a failure after five starts") {
  start("sink", ends_with_69(in_use("tcp://127.0.0.1:7001")));
  CHECK(ends_until_gone("sink", Duration::zero(), 10) == 5);
  REQUIRE(children.failure().has_value());
  CHECK(children.failure()->text() ==
        "sink sink1 could not go on and ended with code 69: tcp://127.0.0.1:7001: in use by "
        "another process; stop it first, or choose another address");
}

TEST_CASE_METHOD(Started, "another cause of the same code is tried again without an end") {
  start("sink", ends_with_69("open a socket: too many open files"));
  CHECK(ends_until_gone("sink", Duration::zero(), 10) == 0);
  CHECK_FALSE(children.failure().has_value());
}

TEST_CASE_METHOD(Started, "a daemon that has run for long finds its address in use once") {
  start("sink", ends_with_69(in_use("tcp://127.0.0.1:7001")));
  CHECK(ends_until_gone("sink", std::chrono::seconds(11), 10) == 0);
  CHECK_FALSE(children.failure().has_value());
}

TEST_CASE_METHOD(Started, "a daemon whose log cannot be opened for the moment is started again") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit none{.rlim_cur = 3, .rlim_max = before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  start("producer", "exit 0");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  Time now = clock.now();
  for (int i = 0; i < 3000 && !children.gone("producer"); ++i) {
    Poller poller;
    poller.wait(std::chrono::milliseconds(10));
    now += std::chrono::seconds(1);
    children.tick(now);
  }
  CHECK(children.gone("producer"));
  CHECK_FALSE(children.failure().has_value());
  CHECK(said == std::vector<std::string>{"producer1 ended with code 69; started again"});
}

}  // namespace
}  // namespace docmill::test

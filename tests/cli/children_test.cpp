// What becomes of the daemons of a run, by how they end.
#include "cli/children.h"

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
};

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

}  // namespace
}  // namespace docmill::test

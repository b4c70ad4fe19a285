#include "shared/base/running_time.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("time in which the process does not run is not counted, however often it stops") {
  RunningTime running;
  Time now{100s};
  const Time began = running.at(now);
  for (int stop = 0; stop < 7; ++stop) {
    now += 1300ms;
    running.at(now);
    now += 100ms;
    running.at(now);
  }
  CHECK(running.at(now) - began < 1s);
  CHECK(running.at(now) - began >= 700ms);
}

TEST_CASE("while the process runs every moment is counted") {
  RunningTime running;
  Time now{100s};
  const Time began = running.at(now);
  for (int turn = 0; turn < 100; ++turn) running.at(now += 250ms);
  CHECK(running.at(now) - began == 25s);
}

TEST_CASE("a process that is late at every turn reaches its deadlines") {
  RunningTime running;
  Time now{100s};
  const Time began = running.at(now);
  for (int turn = 0; turn < 100; ++turn) running.at(now += 5s);
  CHECK(running.at(now) - began >= 2s);
}

}  // namespace
}  // namespace docmill::test

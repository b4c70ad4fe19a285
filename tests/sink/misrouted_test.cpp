#include "tests/sink/running_sink.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE_METHOD(RunningSink,
                 "a batch for another sink or pipeline is not written, acked or known") {
  batches.bytes = "{}";
  batches.left = 1;
  batches.sink = "s2";
  REQUIRE(*sink->step());
  batches.left = 1;
  batches.sink = "s1";
  batches.pipeline = "films";
  REQUIRE(*sink->step());
  clock.time += 1s;
  REQUIRE(*sink->step());
  CHECK(sink->counters().misrouted == 2);
  CHECK(sink->counters().malformed == 0);
  CHECK(acks.batches == 0);
  batches.pipeline.clear();
  batches.left = 1;
  REQUIRE(*sink->step());
  CHECK(acks.batches == 1);
  CHECK(sink->counters().committed.delivered == 1);
  REQUIRE(log.lines.size() == 2);
  CHECK(
      log.lines[0].starts_with("a message of p1 was dropped: expected outputs for sink 's1', found "
                               "outputs for 's2'"));
  CHECK(
      log.lines[1].starts_with("a message of p1 was dropped: expected pipeline '', found 'films'"));
}

TEST_CASE_METHOD(RunningSink, "a flood of messages for another sink does not hold up a commit") {
  batches.sink = "s2";
  batches.bytes = "{}";
  REQUIRE(*sink->step());
  CHECK(sink->counters().misrouted > 0);
  ask_to_stop(4s);
  CHECK(steps_of(100ms) == 11);
}

}  // namespace
}  // namespace docmill::test

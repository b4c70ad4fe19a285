#include "sink/sink.h"

#include "tests/sink/running_sink.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE_METHOD(RunningSink,
                 "a sink that is told to end takes batches for a quarter of its time at most") {
  REQUIRE(*sink->step());
  const std::uint64_t taken = batches.sent;
  CHECK(acks.batches == taken);
  ask_to_stop(4s);
  CHECK(steps_of(100ms) == 11);
  CHECK(batches.sent > taken);
  CHECK(acks.batches == batches.sent);
  CHECK(output->settled.size() == batches.sent);
  CHECK(log.lines.back() ==
        "stopped; " + std::to_string(batches.sent) + " documents delivered, 0 dead");
}

TEST_CASE_METHOD(RunningSink, "a sink that is told to end takes what has arrived") {
  REQUIRE(*sink->step());
  batches.left = 3;
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(batches.left == 0);
  CHECK(acks.batches == batches.sent);
}

TEST_CASE_METHOD(RunningSink, "an output that takes nothing is waited for until the deadline") {
  batches.left = 1;
  output->syncs.assign(1000, unavailable(""));
  REQUIRE(*sink->step());
  CHECK_FALSE(sink->listens());
  CHECK(sink->idle() == 0s);
  ask_to_stop(5s);
  CHECK(steps_to_the_end() == 26);
  CHECK(acks.batches == 0);
  CHECK(log.lines.back() == "stopped before the last group was committed; it is sent again");
}

TEST_CASE_METHOD(RunningSink,
                 "a full disk is tried again after 2 s, and once more before the end") {
  batches.left = 1;
  output->syncs.assign(3, unavailable("a: append 9 bytes: no space left on device"));
  REQUIRE(*sink->step());
  CHECK(log.lines.back() == "a: append 9 bytes: no space left on device; retry in 2s");
  CHECK(sink->idle() == 2s);
  clock.time += 1s;
  REQUIRE(*sink->step());
  CHECK(output->syncs.size() == 2);
  clock.time += 1s;
  REQUIRE(*sink->step());
  CHECK(output->syncs.size() == 1);
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(output->syncs.empty());
  CHECK(log.lines.back() == "stopped before the last group was committed; it is sent again");
}

TEST_CASE_METHOD(RunningSink,
                 "a sink waits for the descriptor of an output, not inside it, and not for long") {
  batches.left = 1;
  output->descriptor = 0;
  output->syncs.assign(3, unavailable(""));
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 1ms);
  clock.time += 800ms;
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 100ms);
  clock.time += 1h;
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 200ms);
  REQUIRE(*sink->step());
  CHECK(acks.batches == 1);
}

TEST_CASE_METHOD(RunningSink,
                 "an output without a free descriptor in serve() does not end a sink") {
  batches.left = 1;
  output->serves.assign(400, unavailable("spool: open: too many open files"));
  for (int turn = 0; turn < 400; ++turn) {
    REQUIRE(sink->step().ok());
    clock.time += 200ms;
  }
  CHECK(acks.batches == 1);
  CHECK(log.lines ==
        std::vector<std::string>{
            "sink.outputs.fake: spool: open: too many open files; it is tried again",
            "sink.outputs.fake: spool: open: too many open files; it is tried again (299 more like "
            "it)"});
  output->serves.push_back(corrupt("spool: read: input/output error"));
  CHECK(sink->step().error() == corrupt("spool: read: input/output error"));
}

TEST_CASE_METHOD(RunningSink, "a second request ends a sink at once") {
  batches.left = 1;
  output->syncs.assign(1000, unavailable(""));
  REQUIRE(*sink->step());
  ask_to_stop();
  REQUIRE(*sink->step());
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(output->syncs.size() == 998);
}

TEST_CASE_METHOD(RunningSink, "a sink that is stopped after a commit does not deny it") {
  batches.left = 1;
  output->settles.assign(1000, unavailable("a: create: no space left on device"));
  REQUIRE(*sink->step());
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(acks.batches == 0);
  CHECK(log.lines.back() == "stopped; the files get their names at the next start");
}

TEST_CASE_METHOD(RunningSink, "a sink that cannot end its files ends with an error of its own") {
  batches.left = 1;
  REQUIRE(*sink->step());
  REQUIRE(acks.batches == 1);
  output->has_begun = true;
  output->syncs.assign(1000, unavailable("a: append 3 bytes: no space left on device"));
  ask_to_stop();
  const auto ended = sink->step();
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error() ==
        unavailable("stopped before growing files got their end; the next start ends them"));
  CHECK(log.lines.back() == "a: append 3 bytes: no space left on device; retry in 2s");
}

TEST_CASE_METHOD(RunningSink, "a flood of messages that are no batches does not hold up a commit") {
  batches.garbage = true;
  batches.bytes = "{}";
  REQUIRE(*sink->step());
  CHECK(sink->counters().malformed > 0);
  ask_to_stop(4s);
  CHECK(steps_of(100ms) == 11);
}

TEST_CASE_METHOD(RunningSink, "a disk that fails ends the sink with its error") {
  batches.left = 1;
  output->syncs = {corrupt("a: sync: input/output error")};
  const auto ended = sink->step();
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error() == corrupt("a: sync: input/output error"));
  CHECK(acks.batches == 0);
}

TEST_CASE_METHOD(RunningSink, "a flood of small batches for another sink ends a step") {
  batches.misrouted = true;
  batches.bytes = "1";
  REQUIRE(*sink->step());
  CHECK(batches.sent <= 20'000);
  CHECK(sink->counters().misrouted == batches.sent);
}

}  // namespace
}  // namespace docmill::test

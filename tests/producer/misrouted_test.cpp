#include "tests/producer/producer_fixture.h"

namespace docmill::test {
namespace {

using std::chrono::milliseconds;

TEST_CASE_METHOD(ProducerFixture,
                 "a message of another pipeline or for another producer has no effect") {
  script.documents = {"a", "b"};
  hear("m1", {"films", "p1"});
  hear("m2", {"", "p2"});
  run_for(milliseconds(100));
  CHECK(producer->counters().members == 0);
  CHECK(producer->counters().misrouted == 2);
  hear("m1");
  run_for(milliseconds(100));
  REQUIRE(inbox("m1").batches.size() == 1);
  acknowledge(inbox("m1").batches, {"films", "p1"});
  acknowledge(inbox("m1").batches, {"", "p2"});
  run_for(milliseconds(100));
  CHECK(producer->counters().core.settled.delivered == 0);
  acknowledge(inbox("m1").batches);
  run_for(milliseconds(100));
  CHECK(producer->counters().core.settled.delivered == 2);
  CHECK(producer->counters().misrouted == 4);
  CHECK(lines_with(
            "a heartbeat of m1 at tcp://m1 was dropped: expected pipeline '', found 'films'") == 1);
  CHECK(lines_with(
            "an ack of s1 was dropped: expected one for producer 'p1', found one for 'p2'") == 1);
}

}  // namespace
}  // namespace docmill::test

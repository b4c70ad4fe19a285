// What a producer does while it or its source lacks descriptors or room: it waits, and loses
// nothing.
#include "tests/producer/producer_fixture.h"

namespace docmill::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE_METHOD(ProducerFixture,
                 "a member that joins while descriptors are short gets its batches later") {
  members.out_of_descriptors = true;
  hear("m1");
  script.documents = {"a", "b", "c", "d"};
  run_for(milliseconds(500));
  CHECK(producer->counters().core.sends == 2);
  CHECK(inbox("m1").batches.empty());
  members.out_of_descriptors = false;
  run_for(seconds(1));
  REQUIRE(inbox("m1").batches.size() == 2);
  CHECK(inbox("m1").batches[0].sequence == 1);
  CHECK(inbox("m1").batches[1].sequence == 2);
  CHECK(lines_with("m1 is connected") == 1);
}

TEST_CASE_METHOD(ProducerFixture,
                 "a link without descriptors is tried once a second and logged once a minute") {
  members.out_of_descriptors = true;
  for (int heartbeats = 0; heartbeats < 10; ++heartbeats) {
    hear("m1");
    run_for(seconds(1));
  }
  CHECK(members.attempts >= 9);
  CHECK(members.attempts <= 11);
  CHECK(lines_with("cannot connect to m1 yet: too many open files; retry in 1s") == 1);
}

TEST_CASE_METHOD(ProducerFixture,
                 "a member that is back from death without descriptors gets its batches later") {
  hear("m1");
  step();
  run_for(seconds(20));
  REQUIRE(lines_with("m1 is silent") == 1);
  members.out_of_descriptors = true;
  hear("m1");
  script.documents = {"a", "b"};
  run_for(milliseconds(500));
  CHECK(inbox("m1").batches.empty());
  members.out_of_descriptors = false;
  run_for(seconds(1));
  CHECK(inbox("m1").batches.size() == 1);
}

TEST_CASE_METHOD(ProducerFixture, "a member that left is not connected when descriptors are back") {
  members.out_of_descriptors = true;
  hear("m1");
  run_for(milliseconds(100));
  ask_to_stop();
  REQUIRE(run_to_end().ok());
  CHECK(inbox("m1").ends == 0);
}

TEST_CASE_METHOD(ProducerFixture,
                 "what is sent to a member with a wrong address is logged as dropped, and goes to "
                 "another member when its time is over") {
  members.unreachable = "m1";
  hear("m1");
  script.documents = {"a", "b"};
  run_for(milliseconds(100));
  CHECK(lines_with("m1 cannot be connected; what is sent to it is dropped") == 1);
  CHECK(members.attempts == 1);
  for (int heartbeats = 0; heartbeats < 30; ++heartbeats) {
    hear("m2");
    run_for(seconds(1));
  }
  CHECK_FALSE(inbox("m2").batches.empty());
}

TEST_CASE_METHOD(ProducerFixture,
                 "a producer that waits for room on its disk leaves no control messages in its "
                 "socket") {
  hear("m1");
  script.documents = {"a", "b"};
  run_for(milliseconds(500));
  REQUIRE(inbox("m1").batches.size() == 1);
  disk_is_full = true;
  acknowledge(inbox("m1").batches);
  step();
  REQUIRE_FALSE(producer->listens());
  for (int turn = 0; turn < 10; ++turn) {
    for (int heartbeats = 0; heartbeats < 10; ++heartbeats) hear("m1");
    run_for(seconds(12));
    CHECK(control.messages.size() <= 10);
  }
  disk_is_full = false;
  hear("m2");
  run_for(seconds(5));
  CHECK(producer->counters().members == 2);
  CHECK(producer->counters().core.settled.delivered == 2);
}

// Its last documents are acknowledged, and its source cannot deal with that.
struct SettledProducer : ProducerFixture {
  SettledProducer() {
    script.documents = {"a", "b"};
    script.ends = true;
    script.cannot_settle = true;
    hear("m1");
    run_for(milliseconds(100));
    acknowledge(inbox("m1").batches);
  }
};

TEST_CASE_METHOD(SettledProducer,
                 "a producer does not end before its source has dealt with what is settled") {
  run_for(seconds(5));
  CHECK_FALSE(producer->finished());
  CHECK(lines_with("scripted: no room to settle; retry in 2s") == 1);
  CHECK(lines_with("done;") == 0);
  script.cannot_settle = false;
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(producer->finished());
  CHECK(script.settled == "scripted 2");
  CHECK(lines_with("done; 2 documents settled") == 1);
}

TEST_CASE_METHOD(SettledProducer,
                 "asked to stop, it does not wait for a source that cannot deal with what is "
                 "settled") {
  run_for(seconds(1));
  ask_to_stop();
  const Time asked = clock.time;
  REQUIRE(run_to_end().ok());
  CHECK(clock.time - asked < seconds(1));
  CHECK(lines_with("stopped; 2 documents settled") == 1);
}

TEST_CASE_METHOD(ProducerFixture, "a producer does not end while its source owes work") {
  script.ends = true;
  script.owed = 1000;
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(producer->finished());
  CHECK(script.owed == 0);
}

}  // namespace
}  // namespace docmill::test

#include "producer/producer.h"

#include "tests/producer/producer_fixture.h"

namespace docmill::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Its two documents are a batch, which waits for a disk that is full.
struct FullDiskFixture : ProducerFixture {
  FullDiskFixture() {
    disk_is_full = true;
    script.documents = {"a", "b", "c", "d"};
    step();
    REQUIRE(lines_with("retry in 2s") == 1);
  }
};

TEST_CASE_METHOD(ProducerFixture, "a producer ends when its source has and all of it is settled") {
  script.documents = {"a", "b", "c"};
  script.ends = true;
  hear("m1");
  run_for(milliseconds(100));
  CHECK(inbox("m1").batches.size() == 2);
  CHECK(producer->counters().in_flight == 3);
  CHECK(producer->counters().ended);
  CHECK_FALSE(producer->finished());

  acknowledge(inbox("m1").batches);
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(producer->finished());
  CHECK(producer->counters().core.settled.delivered == 3);
  CHECK(script.settled == "scripted 3");
  CHECK(inbox("m1").ends == 1);
  CHECK(inbox("m1").linger == seconds(5));
  CHECK(lines_with("done; 3 documents settled") == 1);
}

TEST_CASE_METHOD(ProducerFixture, "a new run tells the source what was settled before") {
  script.documents = {"a", "b"};
  hear("m1");
  run_for(milliseconds(100));
  acknowledge(inbox("m1").batches);
  run_for(seconds(1));
  script.settled.clear();
  open();
  CHECK(script.settled == "scripted 2");
}

TEST_CASE_METHOD(ProducerFixture, "nothing is sent before what it depends on is durable") {
  hear("m1");
  step();
  disk_is_full = true;
  script.documents = {"a", "b"};
  run_for(seconds(7));
  CHECK(inbox("m1").batches.empty());
  disk_is_full = false;
  run_for(seconds(3));
  CHECK(inbox("m1").batches.size() == 1);
}

TEST_CASE_METHOD(FullDiskFixture, "while a commit waits for a full disk nothing is read or heard") {
  REQUIRE(producer->counters().core.batches == 1);
  hear("m1");
  for (int i = 0; i < 100; ++i) {
    CHECK(producer->idle() == seconds(2) - milliseconds(10) * i);
    CHECK_FALSE(producer->listens());
    CHECK(producer->source_fd() == -1);
    clock.time += milliseconds(10);
    step();
  }
  CHECK(producer->counters().core.batches == 1);
  CHECK(script.documents.size() == 2);
  CHECK(control.messages.size() == 1);
}

TEST_CASE_METHOD(FullDiskFixture, "a commit is tried again every two seconds until there is room") {
  for (int tries = 2; tries <= 5; ++tries) {
    clock.time += producer->idle();
    step();
    CHECK(lines_with("retry in 2s") == 1);  // a line a minute
    CHECK(producer->idle() == seconds(2));
  }
  disk_is_full = false;
  hear("m1");
  run_for(seconds(3));
  CHECK(lines_with("retry in 2s") == 1);
  CHECK(producer->listens());
  CHECK(inbox("m1").batches.size() == 2);
}

TEST_CASE_METHOD(FullDiskFixture, "asked to stop while the disk is full, it ends with that error") {
  ask_to_stop();
  const auto goes_on = producer->step();
  REQUIRE_FALSE(goes_on.ok());
  CHECK(goes_on.error().code == ErrorCode::kUnavailable);
}

TEST_CASE_METHOD(FullDiskFixture, "a reload waits for room, and a stop during it does not") {
  ask_to_stop(true);
  step();
  CHECK(lines_with("retry in 2s") == 1);
  run_for(seconds(40));
  CHECK(lines_with("retry in 2s") == 1);
  request.reload = false;
  CHECK_FALSE(producer->step().ok());
}

TEST_CASE_METHOD(ProducerFixture,
                 "a control message that cannot be decoded is counted and dropped") {
  control.messages = {"", "nonsense", std::string(100, '\0')};
  hear("m1");
  step();
  CHECK(producer->counters().malformed == 3);
  CHECK(lines_with("a control message was dropped") == 1);
  CHECK(producer->counters().members == 1);
}

TEST_CASE_METHOD(ProducerFixture, "a message with the key of somebody else changes nothing") {
  security.forger = "m1";
  hear("m1");
  hear("m2");
  step();
  CHECK(producer->counters().members == 1);
  security.forger = "s1";
  script.documents = {"a", "b"};
  run_for(milliseconds(50));
  acknowledge(inbox("m2").batches);
  run_for(milliseconds(50));
  CHECK(producer->counters().in_flight == 2);
}

TEST_CASE_METHOD(ProducerFixture, "an idle producer listens only while something is in flight") {
  step();
  CHECK_FALSE(producer->listens());
  CHECK(producer->idle() == milliseconds(5));
  CHECK(producer->source_fd() == 77);
  script.documents = {"a", "b"};
  step();
  CHECK(producer->listens());
  CHECK(producer->idle() == Duration::zero());
  hear("m1");
  run_for(milliseconds(50));
  CHECK(producer->listens());
  acknowledge(inbox("m1").batches);
  run_for(milliseconds(50));
  CHECK_FALSE(producer->listens());
}

TEST_CASE_METHOD(ProducerFixture, "a source that was idle for a second is asked every 50 ms") {
  step();
  run_for(milliseconds(900));
  CHECK(producer->idle() == milliseconds(5));
  run_for(milliseconds(200));
  CHECK(producer->idle() == milliseconds(50));
  script.documents = {"a", "b"};
  step();
  hear("m1");
  run_for(milliseconds(50));
  acknowledge(inbox("m1").batches);
  run_for(milliseconds(50));
  CHECK(producer->idle() == milliseconds(5));
}

TEST_CASE_METHOD(ProducerFixture, "a source without room is left alone for two seconds") {
  script.has_no_room = true;
  run_for(seconds(61));
  CHECK(lines_with("scripted: no room; retry in 2s") == 2);
  CHECK(lines_with("scripted: no room; retry in 2s (29 more like it)") == 1);
  CHECK(producer->source_fd() == -1);
  CHECK(producer->idle() == milliseconds(20));
  script.has_no_room = false;
  script.documents = {"a", "b"};
  run_for(seconds(2));
  CHECK(producer->counters().core.batches == 1);
}

TEST_CASE_METHOD(ProducerFixture, "what a member does not take waits for it and is sent in order") {
  hear("m1");
  step();
  inbox("m1").full = true;
  script.documents = {"a", "b", "c", "d"};
  run_for(milliseconds(50));
  CHECK(producer->counters().core.sends == 2);
  CHECK(inbox("m1").batches.empty());
  inbox("m1").full = false;
  run_for(milliseconds(5));
  REQUIRE(inbox("m1").batches.size() == 2);
  CHECK(inbox("m1").batches[0].sequence == 1);
  CHECK(inbox("m1").batches[1].sequence == 2);
}

TEST_CASE_METHOD(ProducerFixture, "a member that cannot be connected costs a log line") {
  members.unreachable = "m1";
  hear("m1");
  script.documents = {"a", "b"};
  run_for(milliseconds(50));
  CHECK(lines_with("m1 gets nothing") == 1);
  CHECK(producer->counters().in_flight == 2);
}

TEST_CASE_METHOD(ProducerFixture,
                 "asked to stop, it waits for what is in flight and reads nothing") {
  script.documents = {"a", "b"};
  hear("m1");
  run_for(milliseconds(50));
  ask_to_stop();
  script.documents = {"c", "d"};
  run_for(milliseconds(500));
  CHECK(script.documents.size() == 2);
  CHECK(producer->source_fd() == -1);
  CHECK(producer->listens());
  acknowledge(inbox("m1").batches);
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(lines_with("stopped; 2 documents settled") == 1);
  CHECK(inbox("m1").ends == 1);
}

TEST_CASE_METHOD(ProducerFixture, "asked to stop, it ends half a second before its deadline") {
  script.documents = {"a", "b"};
  hear("m1");
  run_for(milliseconds(50));
  ask_to_stop();
  while (clock.time < *request.until - milliseconds(540)) {
    hear("m1");
    run_for(milliseconds(20));
  }
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK(clock.time >= *request.until - milliseconds(500));
  CHECK(clock.time <= *request.until - milliseconds(440));
  CHECK(lines_with("stopped; 0 documents settled") == 1);
}

TEST_CASE_METHOD(ProducerFixture, "asked to stop, it waits a second where it has no members") {
  script.documents = {"a", "b"};
  run_for(milliseconds(50));
  ask_to_stop();
  const Time asked = clock.time;
  REQUIRE(run_to_end().ok());
  CHECK(clock.time - asked >= seconds(1));
  CHECK(clock.time - asked <= milliseconds(1100));
}

TEST_CASE_METHOD(ProducerFixture,
                 "asked to stop twice, it ends at once and delivers nothing more") {
  script.documents = {"a", "b"};
  hear("m1");
  run_for(milliseconds(50));
  ask_to_stop();
  step();
  ask_to_stop();
  const auto goes_on = producer->step();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(inbox("m1").linger == Duration::zero());
}

TEST_CASE_METHOD(ProducerFixture,
                 "a flood of bad control messages hides neither silence nor a stop") {
  hear("m1");
  step();
  script.documents = {"a", "b"};
  run_for(milliseconds(100));
  REQUIRE(producer->counters().members == 1);
  control.is_flooded = true;
  run_for(seconds(10));
  CHECK(producer->counters().core.deaths == 1);
  CHECK(producer->counters().members == 0);
  ask_to_stop();
  const Time asked = clock.time;
  const auto goes_on = run_to_end();
  REQUIRE(goes_on.ok());
  CHECK_FALSE(*goes_on);
  CHECK(clock.time - asked < kShutdown);
}

}  // namespace
}  // namespace docmill::test

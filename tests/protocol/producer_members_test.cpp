// Which member gets what, what is sent again, and how members come and go.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

ProducerSettings small() {
  ProducerSettings settings;
  settings.member.batches = 2;
  return settings;
}

TEST_CASE("the member with the fewest bytes outstanding gets the next batch, up to its limit") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.hear("m2");
  producer.lines();
  producer.admit_durably(5);
  CHECK(producer.lines() == Lines{"send 1/1 to 1 [0,10)", "send 2/1 to 2 [0,10)",
                                  "send 3/1 to 1 [0,10)", "send 4/1 to 2 [0,10)"});
  producer.ack(2);
  CHECK(producer.lines() == Lines{"send 5/1 to 2 [0,10)"});
}

TEST_CASE("a batch that is not acked in time is sent again as the next attempt") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.lines();
  producer.hear("m1");
  producer.tick(1s);
  producer.hear("m1");
  producer.tick(1s);
  producer.hear("m1");
  CHECK(producer.lines() == Lines{});
  producer.tick(1s);
  CHECK(producer.lines() == Lines{"send 1/2 to 1 [0,10)"});
  CHECK(producer.core.counters().timeouts == 1);
}

TEST_CASE("a member that is late gets one batch at a time, and none that is sent again") {
  ProducerSettings settings = small();
  settings.redelivery_share = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.hear("m2");
  producer.admit_durably(4);
  producer.ack(2);
  producer.ack(4);
  producer.admit_durably(2);
  producer.ack(5);
  producer.ack(6);
  producer.lines();
  const auto pass_three_seconds = [&] {
    for (int i = 0; i < 3; ++i) {
      producer.hear("m1");
      producer.hear("m2");
      producer.tick(1s);
    }
  };
  pass_three_seconds();
  CHECK(producer.lines() == Lines{"send 1/2 to 2 [0,10)", "send 3/2 to 2 [0,10)"});
  // Only the late one has room now: for one.
  producer.admit_durably(2);
  CHECK(producer.lines() == Lines{"send 7/1 to 1 [0,10)"});
  pass_three_seconds();
  // It let that one time out, too, and gets the next; 7 waits for the other.
  CHECK(producer.lines() == Lines{"send 8/1 to 1 [0,10)"});
  producer.ack(1, 2);
  producer.commit_all();
  CHECK(producer.lines() == Lines{"send 7/2 to 2 [0,10)"});
  // It settles one in time: it may hold two again.
  producer.ack(8);
  producer.admit_durably(3);
  CHECK(producer.lines() == Lines{"send 9/1 to 1 [0,10)", "send 10/1 to 1 [0,10)"});
}

TEST_CASE("silence of a sink is answered with one batch for each timeout, not with all") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(20);
  producer.lines();
  for (int i = 0; i < 29; ++i) {
    producer.hear("m1");
    producer.tick(100ms);
  }
  CHECK(producer.lines() == Lines{});
  for (int i = 0; i < 10; ++i) {
    producer.hear("m1");
    producer.tick(100ms);
  }
  // 2,000 bytes were sent, a tenth of which may be sent again: two batches of 100.
  CHECK(producer.sends().size() == 2);
  for (int i = 0; i < 30; ++i) {
    producer.hear("m1");
    producer.tick(100ms);
  }
  CHECK(producer.sends().size() == 1);
}

TEST_CASE("what is sent again and answered opens the way for twice as much") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(20);
  for (int i = 0; i < 32; ++i) {
    producer.hear("m1");
    producer.tick(100ms);
  }
  producer.lines();
  producer.ack(1, 2);
  producer.ack(2, 2);
  producer.tick(50ms);
  CHECK(producer.sends().size() == 4);
}

TEST_CASE("a member that is silent is dead, and its batches go to others at once") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.hear("m2");
  producer.admit_durably(2);
  producer.lines();
  producer.hear_only({"m2"});
  CHECK(producer.lines() == Lines{"disconnect 1", "send 1/2 to 2 [0,10)"});
  CHECK(producer.core.counters().deaths == 1);
  CHECK(producer.core.ready_members() == 1);
}

TEST_CASE("a member that comes back from the dead gets work again on a new connection") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.hear_only({});
  producer.lines();
  producer.hear("m1");
  CHECK(producer.lines() == Lines{"connect 1 at tcp://m1"});
  producer.admit_durably(1);
  CHECK(producer.lines() == Lines{"send 1/1 to 1 [0,10)"});
}

TEST_CASE("a member that leaves gets END as its last message, and nothing of it is sent again") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.hear("m2");
  producer.admit_durably(3);
  producer.lines();
  producer.hear_state("m1", MemberState::kDraining);
  CHECK(producer.lines() == Lines{"end to 1", "disconnect 1 when delivered"});
  producer.admit_durably(1);
  CHECK(producer.lines() == Lines{"send 4/1 to 2 [0,10)"});
  producer.hear_state("m1", MemberState::kGone);
  producer.hear_only({"m2"});
  CHECK(producer.lines() == Lines{});
  CHECK(producer.core.counters().deaths == 0);
}

TEST_CASE("a member that is met when it is leaving gets its END too") {
  ProducerFixture producer;
  producer.hear_state("m1", MemberState::kDraining);
  CHECK(producer.lines() ==
        Lines{"connect 1 at tcp://m1", "end to 1", "disconnect 1 when delivered"});
}

TEST_CASE("a member that still waits for its END gets another, for the first may be lost") {
  ProducerFixture producer;
  producer.hear_state("m1", MemberState::kDraining);
  producer.lines();
  producer.pass(4s);
  producer.hear_state("m1", MemberState::kDraining);
  CHECK(producer.lines() == Lines{});
  producer.pass(1s);
  producer.hear_state("m1", MemberState::kDraining);
  CHECK(producer.lines() ==
        Lines{"connect 1 at tcp://m1", "end to 1", "disconnect 1 when delivered"});
}

TEST_CASE("a member that was taken for dead while it left gets an END when it is back") {
  ProducerFixture producer;
  producer.hear_state("m1", MemberState::kDraining);
  producer.hear_only({});
  producer.lines();
  producer.hear_state("m1", MemberState::kDraining);
  CHECK(producer.lines() ==
        Lines{"connect 1 at tcp://m1", "end to 1", "disconnect 1 when delivered"});
}

TEST_CASE("late news of a member that has left does not bring it back") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.hear_state("m1", MemberState::kGone);
  producer.lines();
  producer.hear("m1");
  CHECK(producer.lines() == Lines{});
  CHECK(producer.core.ready_members() == 0);
}

TEST_CASE("a member that has not got the processors is given them once, with what came back") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(3);
  producer.lines();
  Heartbeat news = producer.heartbeat("m1");
  for (Sequence sequence = 1; sequence <= 3; ++sequence) {
    news.returned.push_back({sequence, 1, ReturnReason::kUnknownProcessors});
  }
  producer.pass(1ms);
  producer.core.on_heartbeat(news, producer.now);
  CHECK(producer.lines() == Lines{"definition of 5 to 1", "send 1/2 to 1 [0,10)",
                                  "send 2/2 to 1 [0,10)", "send 3/2 to 1 [0,10)"});
}

TEST_CASE("a definition that was lost is sent again") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.pass(1ms);
  producer.hear_returned("m1", 1, 1, ReturnReason::kUnknownProcessors);
  producer.lines();
  producer.pass(5s);
  producer.hear_returned("m1", 1, 2, ReturnReason::kUnknownProcessors);
  CHECK(producer.lines() == Lines{"definition of 5 to 1"});
  producer.tick(100ms);
  CHECK(producer.lines() == Lines{"send 1/3 to 1 [0,10)"});
}

TEST_CASE("a member that cannot make the processors gets each batch a few times in a minute") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(20);
  std::size_t definitions = 0;
  std::size_t batches = 0;
  std::size_t said = 0;
  for (int turn = 0; turn < 60'000; ++turn) {
    producer.pass(1ms);
    Heartbeat news = producer.heartbeat("m1");
    for (ProducerAction& action : producer.core.take_actions()) {
      producer.kept.push_back(std::move(action));
    }
    for (const ProducerAction& action : std::exchange(producer.kept, {})) {
      if (const auto* say = std::get_if<Say>(&action)) {
        said += say->text.find("m1 cannot make its processors") != std::string::npos ? 1U : 0U;
      }
      const auto* send = std::get_if<Send>(&action);
      if (send == nullptr) continue;
      if (send->header.kind == MessageKind::kDefinition) ++definitions;
      if (send->header.kind != MessageKind::kBatch) continue;
      ++batches;
      news.returned.push_back(
          {send->header.sequence, send->header.attempt, ReturnReason::kUnknownProcessors});
    }
    producer.core.on_heartbeat(news, producer.now);
    producer.core.on_tick(producer.now);
  }
  // Each waits 100 ms, then twice as long each time, up to 5 s; and 5 s after the definition it is
  // given again.
  CHECK(batches >= std::size_t{20} * 10);
  CHECK(batches <= std::size_t{20} * 40);
  CHECK(definitions >= 2);
  CHECK(definitions <= 13);
  CHECK(said == 1);
}

TEST_CASE("what is handed back waits longer each time, and prefers another member") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.admit_durably(1);
  producer.lines();
  producer.hear_returned("m1", 1, 1, ReturnReason::kUnknownSink);
  producer.tick(99ms);
  CHECK(producer.lines() == Lines{});
  producer.hear("m2");
  producer.lines();
  producer.tick(1ms);
  CHECK(producer.lines() == Lines{"send 1/2 to 2 [0,10)"});
  producer.hear_returned("m2", 1, 2, ReturnReason::kUnknownSink);
  producer.tick(199ms);
  CHECK(producer.lines() == Lines{});
  producer.tick(1ms);
  CHECK(producer.lines().size() == 1);
}

TEST_CASE("news about an attempt that was moved since changes nothing") {
  ProducerFixture producer(small());
  producer.hear("m1");
  producer.hear("m2");
  producer.admit_durably(1);
  producer.hear_only({"m2"});
  producer.lines();
  producer.hear_returned("m1", 1, 1, ReturnReason::kSinkUnavailable);
  CHECK(producer.lines() == Lines{"connect 1 at tcp://m1"});
  CHECK(producer.core.counters().returned == 0);
}

}  // namespace
}  // namespace docmill

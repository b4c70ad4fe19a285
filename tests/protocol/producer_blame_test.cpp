// What does not count against a document, though a member fell silent over it.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a member that comes back was not killed by what it held") {
  ProducerFixture producer(two_deaths());
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear_started("m1", 1, 1);
  producer.hear_only({"m2"});
  producer.hear("m1");
  producer.hear_started("m2", 1, 2);
  producer.sends();
  producer.hear_only({"m1"});
  CHECK(producer.sends() == Lines{"send 1/3 to 1 [0,10)"});
}

TEST_CASE(
    "what comes back is not counted against the documents of a batch that was divided either") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(3);
  producer.hear_only({});
  producer.sends();
  producer.hear("m1");  // it was paused: one death is left
  CHECK(producer.sends() == Lines{"send 1/3 to 1 [0,1)"});
  producer.hear_only({});
  producer.hear("m3");
  producer.sends();
  CHECK(producer.core.counters().condemned == 0);
}

TEST_CASE("leaving in order never counts") {
  ProducerFixture producer(two_deaths());
  for (int i = 0; i < 3; ++i) {
    const std::string name = fmt::format("m{}", i);
    producer.hear(name);
    if (i == 0) producer.admit_durably(1);
    producer.hear_state(name, MemberState::kDraining);
    producer.hear_state(name, MemberState::kGone);
    producer.hear_only({});
  }
  CHECK(producer.core.counters().deaths == 0);
}

TEST_CASE("a document that travels alone is not blamed for what its whole batch did") {
  ProducerFixture producer(two_deaths());
  producer.admit_for_two_deaths(3);
  producer.hear_only({});
  // m1 was only paused, still works on the batch as it was, leaves and dies.
  Heartbeat leaving = producer.heartbeat("m1");
  leaving.state = MemberState::kDraining;
  leaving.started = {{1, 1}};
  producer.core.on_heartbeat(leaving, producer.now);
  producer.hear_only({});
  producer.sends();
  producer.hear("m3");
  CHECK(producer.sends() == Lines{"send 1/3 to 3 [0,1)"});
  CHECK(producer.core.counters().condemned == 0);
}

struct Fate {
  Outcome outcome;
  std::string said;
};

TEST_CASE("the log calls a condemned document what its sink has made of it") {
  const std::vector<Fate> fates = {
      {Outcome::kDead,
       "document 0 of batch 1 is a dead letter; it ends the transformers that work on it"},
      {Outcome::kDelivered,
       "document 0 of batch 1 is no dead letter; a transformer that was taken for dead has "
       "processed it"},
      {Outcome::kFiltered,
       "document 0 of batch 1 is no dead letter; a transformer that was taken for dead has "
       "processed it"}};
  for (const Fate& fate : fates) {
    ProducerFixture producer(two_deaths());
    producer.admit_for_two_deaths(1);
    for (const char* name : {"m3", "m4", "m5", "m6"}) {
      if (producer.core.counters().condemned > 0) break;
      producer.hear_only({name});
      producer.sends();
      producer.hear_started(name, 1, producer.last_header.attempt);
    }
    REQUIRE(producer.core.counters().condemned == 1);
    Ack ack = producer.ack_of(1, 1, 0, 1);
    ack.entries.front().settled.front().outcome = fate.outcome;
    producer.core.on_ack(ack, producer.now);
    std::vector<std::string> said;
    for (const ProducerAction& action : producer.core.take_actions()) {
      if (const auto* say = std::get_if<Say>(&action)) said.push_back(say->text);
    }
    CHECK(said == std::vector<std::string>{fate.said});
    CHECK(producer.core.in_flight() == 0);
  }
}

}  // namespace
}  // namespace docmill

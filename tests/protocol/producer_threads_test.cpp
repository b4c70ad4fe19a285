// A member with several threads: its room, its queue, and what its death says.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

void hear_with(ProducerFixture& producer, const std::string& name, std::uint32_t capacity,
               std::vector<Attempt> started = {}, std::uint32_t queued = 0) {
  Heartbeat heartbeat = producer.heartbeat(name);
  heartbeat.capacity = capacity;
  heartbeat.started = std::move(started);
  heartbeat.queued = queued;
  producer.core.on_heartbeat(heartbeat, producer.now);
}

ProducerSettings two_for_each() {
  ProducerSettings settings;
  settings.member.batches = 2;
  return settings;
}

TEST_CASE("a member has room for each of its threads, and the load is compared by thread") {
  ProducerFixture producer(two_for_each());
  hear_with(producer, "m1", 3);
  hear_with(producer, "m2", 1);
  producer.lines();
  producer.admit_durably(20);
  std::map<char, int> sent;
  for (const std::string& line : producer.sends()) ++sent[line[line.find(" to ") + 4]];
  CHECK(sent == std::map<char, int>{{'1', 6}, {'2', 2}});
}

TEST_CASE("what was passed on takes no room, though it is not acked") {
  ProducerFixture producer(two_for_each());
  producer.hear("m1");
  producer.admit_durably(4);
  CHECK(producer.sends().size() == 2);
  producer.hear_passed("m1", 1);
  CHECK(producer.sends() == Lines{"send 3/1 to 1 [0,10)"});
}

TEST_CASE("a batch that waits at the only member is not sent again, however long it takes") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(10);
  producer.sends();
  for (int i = 0; i < 1200; ++i) {  // ten minutes for the first
    hear_with(producer, "m1", 1, {{1, 1}}, 9);
    producer.tick(500ms);
  }
  CHECK(producer.sends() == Lines{});
  CHECK(producer.core.counters().timeouts == 0);
}

TEST_CASE("a batch that its member does not have is sent again after a while") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.sends();
  for (int i = 0; i < 7; ++i) {
    producer.hear("m1");
    producer.tick(500ms);
  }
  CHECK(producer.sends() == Lines{"send 1/2 to 1 [0,10)"});
}

TEST_CASE("the queue of a member that stands still goes to one that is free") {
  ProducerSettings settings;
  settings.redelivery_share = 1;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(3);
  producer.sends();
  for (int i = 0; i < 8; ++i) {
    hear_with(producer, "m1", 1, {{1, 1}}, 2);
    producer.hear("m2");
    producer.tick(500ms);
  }
  // The first is started: it is believed.
  CHECK(producer.sends() == Lines{"send 2/2 to 2 [0,10)", "send 3/2 to 2 [0,10)"});
}

TEST_CASE("all batches that a member had started when it died are suspects until they settle") {
  ProducerFixture producer(two_deaths());
  hear_with(producer, "m1", 2);
  producer.admit_durably(3);
  hear_with(producer, "m1", 2, {{1, 1}, {2, 1}}, 1);
  producer.sends();
  producer.hear_only({"m2"});
  // One death each, and another suspect beside it: each travels alone.
  CHECK(producer.sends() == Lines{"send 1/2 to 2 [0,10)"});
  producer.hear_passed("m2", 1, 2);
  producer.ack(1, 2);
  CHECK(producer.sends() == Lines{"send 2/2 to 2 [0,10)"});
  producer.hear_started("m2", 2, 2);
  producer.hear_only({"m3"});
  CHECK(producer.sends() == Lines{"send 3/2 to 3 [0,10)"});
  producer.hear_passed("m3", 3, 2);
  // The second death of 2 was plain: it goes on document by document.
  CHECK(producer.sends() == Lines{"send 2/3 to 3 [0,1)"});
  CHECK(producer.core.counters().condemned == 0);
}

TEST_CASE("a producer that did not listen takes nobody for dead") {
  ProducerFixture producer;
  for (int i = 0; i < 50; ++i) producer.hear(fmt::format("m{}", i));
  producer.tick(1h);  // it was stopped
  CHECK(producer.core.ready_members() == 50);
  producer.hear_only({"m7"});
  CHECK(producer.core.ready_members() == 1);
}

TEST_CASE("an ack, a heartbeat and a tick cost the same with 10 members and with 3,000") {
  const auto cost = [](int members) {
    ProducerFixture producer;
    for (int i = 0; i < members; ++i) producer.hear(fmt::format("m{}", i));
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 2000; ++i) {
      const Sequence sequence = producer.admit(10);
      producer.commit_all();
      producer.sends();
      producer.ack(sequence);
      producer.hear(fmt::format("m{}", i % members));
      producer.tick(1ms);
    }
    return std::chrono::steady_clock::now() - begin;
  };
  cost(10);
  // A scan of the members would make it some hundred times as much.
  const auto few = cost(10);
  CHECK(cost(3000) < 20 * few);
}

}  // namespace
}  // namespace docmill

// The window, what is durable before what, and the checkpoint.
#include "shared/protocol/producer_core.h"

#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

TEST_CASE("nothing is sent before its reservation is durable") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit(10);
  CHECK(producer.lines() == Lines{"connect 1 at tcp://m1", "commit 1 reserved 2"});
  producer.core.on_committed(1, producer.now);
  CHECK(producer.lines() == Lines{"send 1/1 to 1 [0,10)"});
  producer.admit(10);
  CHECK(producer.lines() == Lines{"send 2/1 to 1 [0,10)"});
}

TEST_CASE("what waits for a commit under way waits for the one that has its facts") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit(10);  // reserves 1 and 2, with commit 1
  producer.admit(10);
  ProducerFacts early;
  early.cuts.push_back({3, {10, false}});
  producer.admit(10, early);
  producer.lines();
  producer.core.on_committed(1, producer.now);
  CHECK(producer.lines() ==
        Lines{"commit 2 reserved 3", "send 1/1 to 1 [0,10)", "send 2/1 to 1 [0,10)"});
  producer.core.on_committed(2, producer.now);
  CHECK(producer.lines() == Lines{"send 3/1 to 1 [0,10)"});
}

TEST_CASE("an early cut ends the block, so that a restart knows more") {
  ProducerFixture producer;
  producer.admit_durably(2);
  CHECK(producer.durable.reserved == 2);
  producer.admit_durably(3);
  CHECK(producer.durable.reserved == 6);
  ProducerFacts early;
  early.cuts.push_back({6, {10, false}});
  producer.admit(10, early);
  producer.admit(10);
  producer.commit_all();
  CHECK(producer.durable.reserved == 8);
}

TEST_CASE("an early cut takes nothing back of what an earlier run may have sent") {
  ProducerState state;
  state.reserved = 50;
  ProducerFixture producer({}, state);
  ProducerFacts early;
  early.cuts.push_back({1, {10, true}});
  producer.admit(10, early);
  producer.commit_all();
  CHECK(producer.durable.reserved == 50);
}

TEST_CASE("the checkpoint follows the oldest batches, and only the durable one is told") {
  ProducerSettings settings;
  settings.member.batches = 2;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(3);
  producer.lines();
  producer.ack(2);
  CHECK(producer.lines() == Lines{"send 3/1 to 1 [0,10)"});
  CHECK(producer.core.state().checkpoint.sequence == 0);
  producer.ack(1);
  CHECK(producer.core.state().checkpoint.sequence == 2);
  CHECK(producer.core.state().checkpoint.position == "after 2");
  CHECK(producer.core.state().checkpoint.totals.delivered == 20);
  producer.admit(10);
  CHECK(producer.lines() == Lines{"send 4/1 to 1 [0,10)"});
  CHECK(producer.last_header.checkpoint == 0);
  producer.tick(200ms);
  CHECK(producer.lines() == Lines{"commit 3 checkpoint 2 ledger 9 of s1"});
  producer.ack(3);
  producer.admit(10);
  producer.lines();
  CHECK(producer.last_header.checkpoint == 0);
  producer.core.on_committed(3, producer.now);
  producer.ack(4);
  producer.admit(10);
  producer.commit_all();
  producer.lines();
  CHECK(producer.last_header.checkpoint == 2);
}

TEST_CASE("an empty batch is whole at once and is not sent") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit(0);
  CHECK(producer.core.in_flight() == 0);
  CHECK(producer.core.state().checkpoint.sequence == 1);
  producer.commit_all();
  CHECK(producer.lines() == Lines{"connect 1 at tcp://m1"});
}

struct WindowCase {
  const char* name;
  WindowLimits limits;
  std::vector<std::uint32_t> admitted;  // documents of ten bytes
  bool wants;
};

TEST_CASE("a batch names the one before it that the same sink owns, which is never an empty one") {
  ProducerState state;
  Plan plan;
  plan.sinks = {"s1", "s2"};
  state.plans = {{1, plan}};
  ProducerFixture fixture({}, state);
  fixture.hear("m1");
  std::map<std::string, Sequence> last;
  for (Sequence sequence = 1; sequence <= 20; ++sequence) {
    fixture.admit(sequence % 5 == 0 ? 0 : 10);
    fixture.commit_all();
    const Lines sends = fixture.sends();
    if (sequence % 5 == 0) continue;
    REQUIRE(sends.size() == 1);
    Sequence& previous = last[owner_of({"p1", 7}, sequence, plan.sinks)];
    CHECK(fixture.last_header.previous == previous);
    previous = sequence;
  }
  CHECK(last.size() == 2);
}

TEST_CASE("the window is bounded in batches and bytes, and an empty one takes any batch") {
  const std::vector<WindowCase> cases = {
      {.name = "empty", .limits = {1, Bytes{1}}, .admitted = {}, .wants = true},
      {.name = "room", .limits = {3, Bytes{100}}, .admitted = {1, 1}, .wants = true},
      {.name = "full of batches", .limits = {2, Bytes{100}}, .admitted = {1, 1}, .wants = false},
      {.name = "full of bytes", .limits = {9, Bytes{100}}, .admitted = {5, 5}, .wants = false},
      {.name = "one larger than the window",
       .limits = {9, Bytes{100}},
       .admitted = {99},
       .wants = false},
      {.name = "empty batches take no room",
       .limits = {2, Bytes{100}},
       .admitted = {0, 0, 1},
       .wants = true},
  };
  for (const WindowCase& one : cases) {
    INFO(one.name);
    ProducerSettings settings;
    settings.window = one.limits;
    ProducerFixture producer(settings);
    for (const std::uint32_t documents : one.admitted) producer.admit(documents);
    CHECK(producer.core.wants_batch() == one.wants);
  }
}

TEST_CASE("one batch that is stuck holds up others only after four windows") {
  ProducerSettings settings;
  settings.window.batches = 4;
  ProducerFixture producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  while (producer.core.wants_batch()) {
    const Sequence sequence = producer.admit(10);
    producer.commit_all();
    producer.ack(sequence);
  }
  CHECK(producer.last == 16);
  CHECK(producer.core.in_flight() == 1);
  producer.ack(1);
  producer.tick(200ms);
  producer.commit_all();
  CHECK(producer.core.wants_batch());
}

struct AckCase {
  const char* name;
  void (*change)(Ack& ack);
};

TEST_CASE("an ack that names nothing sent is ignored and counted") {
  const std::vector<AckCase> cases = {
      {.name = "another producer", .change = [](Ack& ack) { ack.lineage.producer = "p2"; }},
      {.name = "another epoch", .change = [](Ack& ack) { ack.lineage.epoch = 8; }},
      {.name = "an earlier run", .change = [](Ack& ack) { ack.run.counter = 0; }},
      {.name = "another holder of the run", .change = [](Ack& ack) { ack.run.nonce = 12; }},
      {.name = "a sink that does not own it", .change = [](Ack& ack) { ack.sink = "s2"; }},
      {.name = "a sequence that was never cut",
       .change = [](Ack& ack) { ack.entries[0].sequence = 9; }},
      {.name = "other content", .change = [](Ack& ack) { ack.entries[0].origin_hash = 1; }},
      {.name = "an attempt that was never made",
       .change = [](Ack& ack) { ack.entries[0].attempt = 2; }},
  };
  for (const AckCase& one : cases) {
    INFO(one.name);
    ProducerFixture producer;
    producer.hear("m1");
    producer.admit_durably(1);
    Ack ack = producer.ack_of(1, 1, 0, 10);
    one.change(ack);
    producer.core.on_ack(ack, producer.now);
    CHECK(producer.core.counters().ignored == 1);
    CHECK(producer.core.counters().settled.documents() == 0);
    CHECK(producer.core.in_flight() == 1);
  }
}

TEST_CASE("an ack of a ledger that took another's place is ignored") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(2);
  producer.ack(1);
  Ack swapped = producer.ack_of(2, 1, 0, 10);
  swapped.ledger.id = 10;
  producer.core.on_ack(swapped, producer.now);
  CHECK(producer.core.in_flight() == 1);
  CHECK(producer.core.counters().ignored == 1);
}

TEST_CASE("acks are a union: in parts, twice, in any order") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.ack(1, 1, 6, 10);
  producer.ack(1, 1, 6, 10);
  producer.ack(1, 1, 0, 3);
  CHECK(producer.core.in_flight() == 1);
  producer.ack(1, 1, 2, 7);
  CHECK(producer.core.in_flight() == 0);
  producer.ack(1, 1, 0, 10);
  CHECK(producer.core.counters().settled.delivered == 10);
  CHECK(producer.core.state().checkpoint.totals.delivered == 10);
}

TEST_CASE("it has finished when everything is whole and durable, and members were told") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.lines();
  producer.core.finish(producer.now);
  CHECK(producer.lines() == Lines{});
  producer.ack(1);
  CHECK(producer.lines() == Lines{"commit 2 checkpoint 1 ledger 9 of s1"});
  producer.core.on_committed(2, producer.now);
  CHECK(producer.lines() == Lines{"commit 3 reserved 1"});
  producer.core.on_committed(3, producer.now);
  CHECK(producer.lines() == Lines{"end to 1", "disconnect 1 when delivered", "finished"});
}

TEST_CASE("a run that ends before it has read again what an earlier one sent keeps its block") {
  ProducerState state;
  state.reserved = 8;
  ProducerFixture producer({}, state);
  producer.core.finish(producer.now);
  CHECK(producer.lines() == Lines{"finished"});
  CHECK(producer.core.state().reserved == 8);
}

TEST_CASE("a refusal of this run ends it with the sink's words, another's does not") {
  ProducerFixture producer;
  Refusal refusal;
  refusal.sink = "s1";
  refusal.lineage = producer.core.state().lineage;
  refusal.run = {1, 12};
  refusal.text = "an old folder";
  producer.core.on_refusal(refusal);
  CHECK(producer.lines() == Lines{});
  refusal.run.nonce = 11;
  producer.core.on_refusal(refusal);
  CHECK(producer.lines() == Lines{"fatal: sink s1 refused p1: an old folder"});
}

}  // namespace
}  // namespace docmill

#include "transformer/transformer.h"

#include <algorithm>
#include <set>

#include "tests/transformer/transformer_fixture.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;
using Returned = std::vector<Heartbeat::Returned>;

TEST_CASE("a sink that takes nothing holds up no batch of another sink") {
  TransformerFixture t;
  t.s1.refuses = true;
  for (Sequence sequence = 1; sequence <= 6; ++sequence) {
    t.arrives(sequence, sequence % 2 == 1 ? "s1" : "s2");
  }
  for (int i = 0; i < 6; ++i) {
    t.turn();
    t.work();
  }
  t.turn();
  CHECK(t.sequences(t.s2) == std::vector<Sequence>{2, 4, 6});
  CHECK(t.s1.sent.empty());
  CHECK(t.transformer->waits_for("s1"));
  CHECK_FALSE(t.transformer->waits_for("s2"));
  t.s1.refuses = false;
  t.turn();
  CHECK(t.sequences(t.s1) == std::vector<Sequence>{1, 3, 5});
  CHECK_FALSE(t.transformer->waits_for("s1"));
}

TEST_CASE("a batch whose sink has a full outbox is returned, one of another sink is processed") {
  TransformerFixture t;
  t.s1.refuses = true;
  t.arrives(1, "s1", std::string(17 << 20, 'x'));
  t.turns(1ms);  // it is hashed in several steps
  t.work();
  t.turn();
  t.arrives(2, "s1");
  t.arrives(3, "s2");
  t.turn();
  t.work();
  t.turns(1s);
  CHECK(t.returned(t.p1) == Returned{{2, 1, ReturnReason::kSinkUnavailable}});
  CHECK(t.sequences(t.s2) == std::vector<Sequence>{3});
  CHECK(t.transformer->counters().returned == 1);
  CHECK(t.transformer->counters().batches == 2);
}

TEST_CASE("a batch is reported as started before it is finished") {
  TransformerFixture t;
  t.turn();
  t.arrives(1, "s1");
  t.turn();
  const Job job = t.begin();
  CHECK(t.wakes == 1);
  t.turns(10ms);
  CHECK(t.heartbeats(t.p1).back().started == std::vector<Attempt>{{1, 1}});
  CHECK(t.heartbeats(t.p1).back().passed.empty());
  CHECK(t.heartbeats(t.p2).back().started.empty());
  CHECK(t.s1.sent.empty());
  t.worker().finish(job);
  CHECK(t.wakes == 2);
  t.turns(10ms);
  CHECK(t.sequences(t.s1) == std::vector<Sequence>{1});
  std::vector<Attempt> passed;
  for (const Heartbeat& heartbeat : t.heartbeats(t.p1)) {
    passed.insert(passed.end(), heartbeat.passed.begin(), heartbeat.passed.end());
  }
  CHECK(passed == std::vector<Attempt>{{1, 1}});
}

TEST_CASE("a batch that travels alone is reported before it starts, and nothing else is in hand") {
  TransformerFixture t(2);
  t.arrives(1, "s1");
  t.turn();
  const Job first = t.begin();
  BatchHeader alone = t.header(2, "s1");
  alone.alone = true;
  PayloadWriter payload;
  payload.document(0, {Format::kBytes, "text", {.source = "a", .record = 1}});
  t.arrives(alone, payload.take());
  t.arrives(3, "s1");
  t.turns(1s);
  CHECK(t.transformer->jobs().size() == 0);  // a worker is busy
  t.worker().finish(first);
  const auto reported = [&] {
    return t.heartbeats(t.p1).back().started == std::vector<Attempt>{{2, 1}};
  };
  while (!reported()) t.turn();
  const Time report = t.clock.time;
  CHECK(t.transformer->jobs().size() == 0);
  while (t.transformer->jobs().size() == 0) t.turn();
  CHECK(t.clock.time - report >= 5ms);
  CHECK(t.clock.time - report < 20ms);
  const Job second = t.begin(1);
  CHECK(second.header.sequence == 2);
  CHECK_FALSE(t.transformer->listens());
  t.turns(1s);
  CHECK(t.transformer->jobs().size() == 0);  // batch 3 waits
  t.worker(1).finish(second);
  while (t.sequences(t.s1).size() < 3) {
    REQUIRE(t.turn());
    t.work();
  }
  CHECK(t.sequences(t.s1) == std::vector<Sequence>{1, 2, 3});
}

TEST_CASE("a batch that waits to travel alone is given back when the time to leave is over") {
  TransformerFixture t(2);
  t.arrives(1, "s1");
  t.turn();
  const Job first = t.begin();
  BatchHeader alone = t.header(2, "s1");
  alone.alone = true;
  t.arrives(alone, "");
  t.turn();
  t.ask_to_stop(1s);
  t.turns(1s - 10ms);
  t.worker().finish(first);
  CHECK(t.ends_after(1s));
  CHECK(t.returned(t.p1) ==
        Returned{{2, 1, ReturnReason::kLeaving}, {1, 1, ReturnReason::kLeaving}});
}

TEST_CASE("it takes no more messages than its workers can have waiting") {
  TransformerFixture t(2);
  for (Sequence sequence = 1; sequence <= 20; ++sequence) t.arrives(sequence, "s1");
  CHECK(t.transformer->listens());
  t.turn();
  CHECK(t.transformer->jobs().size() == 8);
  CHECK_FALSE(t.transformer->listens());
  while (t.transformer->jobs().size() > 1) t.transformer->jobs().try_take();
  CHECK(t.transformer->listens());
}

TEST_CASE("malformed messages are counted and dropped") {
  TransformerFixture t;
  t.documents.waiting.push_back({"DM"});
  t.documents.waiting.push_back({"DM", ""});
  BatchHeader stranger = t.header(1, "s1");
  stranger.lineage.producer = "p9";
  t.arrives(stranger, "");
  t.arrives(2, "s1");
  t.turn();
  CHECK(t.transformer->counters().malformed == 3);
  CHECK(t.log.lines ==
        std::vector<std::string>{"a message was dropped: expected two frames, found 1"});
  CHECK(t.transformer->jobs().size() == 1);
}

TEST_CASE("a batch with the key of another peer is dropped") {
  TransformerFixture t;
  t.security.forger = "p1";
  t.arrives(1, "s1");
  t.turn();
  CHECK(t.transformer->jobs().size() == 0);
  CHECK(t.transformer->counters().malformed == 0);
}

struct Producers {
  std::string what;
  bool connected[2];
  std::vector<std::string> ends;
  bool leaves_early;
};

TEST_CASE("it leaves when each producer has said END or is not connected, otherwise in time") {
  const std::vector<Producers> cases = {
      {"both said END", {true, true}, {"p1", "p2"}, true},
      {"neither is connected", {false, false}, {}, true},
      {"one said END, one is not connected", {true, false}, {"p1"}, true},
      {"one is connected and silent", {true, true}, {"p2"}, false},
  };
  for (const Producers& one : cases) {
    INFO(one.what);
    TransformerFixture t;
    t.p1.is_connected = one.connected[0];
    t.p2.is_connected = one.connected[1];
    t.turns(1s);
    t.ask_to_stop(5s);
    t.turn();
    CHECK(t.heartbeats(t.p1).back().state == MemberState::kDraining);
    for (const std::string& producer : one.ends) t.end_arrives(producer);
    const auto ended = t.ends_after(10s);
    REQUIRE(ended.has_value());
    CHECK((*ended <= 50ms) == one.leaves_early);
    CHECK(*ended <= 5s - 250ms);
    CHECK(t.heartbeats(t.p1).back().state == MemberState::kGone);
    CHECK(t.heartbeats(t.p2).back().state == MemberState::kGone);
    CHECK(t.p1.closed == Duration(one.connected[0] ? 200ms : 0ms));
    REQUIRE(t.s1.closed.has_value());
    CHECK(*t.s1.closed <= 1s);
    CHECK_FALSE(t.transformer->forced_exit().has_value());
    CHECK(t.log.lines.back() == "left");
  }
}

TEST_CASE("it finishes what it has before it leaves, within 50 ms of the last batch") {
  TransformerFixture t;
  t.turn();
  t.arrives(1, "s1");
  t.arrives(2, "s2");
  t.turn();
  t.ask_to_stop(5s);
  t.turn();
  t.end_arrives("p1");
  t.end_arrives("p2");
  t.turns(2s);
  t.work();
  const auto ended = t.ends_after(1s);
  REQUIRE(ended.has_value());
  CHECK(*ended <= 50ms);
  CHECK(t.sequences(t.s1) == std::vector<Sequence>{1});
  CHECK(t.sequences(t.s2) == std::vector<Sequence>{2});
  CHECK(t.returned(t.p1).empty());
}

TEST_CASE("what no worker has finished at the deadline is returned, and no worker gets it") {
  TransformerFixture t;
  t.turn();
  for (Sequence sequence = 1; sequence <= 3; ++sequence) t.arrives(sequence, "s1");
  t.turn();
  const Job begun = t.begin();
  t.ask_to_stop(5s);
  t.turns(4s);
  CHECK(t.returned(t.p1).empty());
  t.turns(800ms);
  CHECK(t.transformer->has_left());
  CHECK_FALSE(t.transformer->listens());
  CHECK_FALSE(t.transformer->jobs().try_take().has_value());
  Returned returned = t.returned(t.p1);
  std::sort(returned.begin(), returned.end(),
            [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
  CHECK(returned == Returned{{1, 1, ReturnReason::kLeaving},
                             {2, 1, ReturnReason::kLeaving},
                             {3, 1, ReturnReason::kLeaving}});
  SECTION("a worker that finishes in time is waited for, and its batch is not sent") {
    t.worker().finish(begun);
    CHECK_FALSE(t.turn());
    CHECK_FALSE(t.transformer->forced_exit().has_value());
    CHECK(t.s1.sent.empty());
  }
  SECTION("a worker that does not finish ends the process at the deadline") {
    const auto ended = t.ends_after(1s);
    REQUIRE(ended.has_value());
    CHECK(t.clock.time >= *t.stop.until);
    CHECK(t.transformer->forced_exit() == kExitOk);
    CHECK(t.log.lines.back() == "left without finishing batch 1 of p1 after 5s (shutdown_timeout)");
  }
  SECTION("before a reload the process ends as one that must be started again") {
    t.stop.reload = true;
    REQUIRE(t.ends_after(1s).has_value());
    CHECK(t.transformer->forced_exit() == kExitOverdue);
  }
}

TEST_CASE("when asked twice to stop it returns what it has and leaves at once") {
  TransformerFixture t;
  t.turn();
  t.arrives(1, "s1");
  t.turn();
  t.ask_to_stop();
  t.turn();
  t.ask_to_stop();
  CHECK_FALSE(t.turn());
  CHECK(t.returned(t.p1) == Returned{{1, 1, ReturnReason::kLeaving}});
  CHECK(t.s1.closed == Duration(0s));
  CHECK_FALSE(t.transformer->forced_exit().has_value());
}

TEST_CASE("members that start together send their first idle heartbeats at different times") {
  std::set<Time> times;
  for (std::uint64_t incarnation = 1; incarnation <= 10; ++incarnation) {
    KeptMessages producer;
    MemberCore member({"t1", incarnation, "ipc://t1", 1}, {"p1"}, {"s1"});
    Heartbeats heartbeats("", {{"p1", &producer}}, incarnation);
    heartbeats.tell(member, Time{} + 1h);
    times.insert(heartbeats.next(member));
  }
  CHECK(times.size() == 10);
  CHECK(*times.rbegin() <= Time{} + 1h + 5s);
}

}  // namespace
}  // namespace docmill::test

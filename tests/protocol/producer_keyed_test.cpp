// A producer whose batches are divided by key: shares of several sinks, and a condemned document
// that any of them might have.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

ProducerState keyed_state() {
  ProducerState state;
  Plan plan;
  plan.sinks = {"s1", "s2"};
  plan.keyed = true;
  plan.processors = 5;
  plan.definition = "to_json";
  state.plans.push_back({1, plan});
  return state;
}

ProducerSettings one_death() {
  ProducerSettings settings;
  settings.max_deaths = 1;
  settings.timeout = {60s, 60s, 60s};
  return settings;
}

class Keyed : public ProducerFixture {
 public:
  explicit Keyed(ProducerSettings settings = {}) : ProducerFixture(settings, keyed_state()) {}

  void hear_ack(const std::string& sink, std::uint32_t attempt, std::vector<SettledSpan> spans) {
    Ack ack = ack_of(1, attempt, 0, 0);
    ack.sink = sink;
    ack.ledger.id = sink == "s1" ? 9 : 10;
    ack.entries[0].settled = std::move(spans);
    core.on_ack(ack, now);
  }
  // A batch of three whose second document has ended two members, and is on its way to be voided.
  void condemn() {
    hear("m1");
    admit(3);
    commit_all();
    hear_started("m1", 1, 1);
    hear_only({"m2"});  // the first document
    hear_ack("s1", 2, {{0, 1, Outcome::kDelivered}});
    hear_started("m2", 1, 3);
    hear_only({"m3"});  // m2 has ended over the second
    commit_all();
    lines();
    hear_ack("s2", 4, {{2, 3, Outcome::kDelivered}});
  }
};

TEST_CASE("shares of a batch may come from every sink of its list, and from nobody else") {
  Keyed producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.sends();
  CHECK(producer.last_header.keyed);
  CHECK_FALSE(producer.last_header.voids);
  CHECK(producer.last_header.ledgers == std::vector<ExpectedLedger>{{}, {}});
  producer.hear_ack("s3", 1, {{0, 10, Outcome::kDelivered}});
  CHECK(producer.core.counters().ignored == 1);
  producer.hear_ack("s2", 1, {{0, 4, Outcome::kDelivered}, {6, 7, Outcome::kFiltered}});
  CHECK(producer.core.in_flight() == 1);
  producer.hear_ack("s1", 1, {{4, 6, Outcome::kDead}, {7, 10, Outcome::kDelivered}});
  CHECK(producer.core.in_flight() == 0);
  CHECK(producer.core.counters().settled == Totals{7, 1, 2});
}

TEST_CASE("what one sink has not acked is sent again, and only that, and to no other ledger") {
  ProducerSettings settings;
  settings.timeout = {1s, 1s, 1s};
  Keyed producer(settings);
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear_ack("s2", 1, {{0, 4, Outcome::kDelivered}, {6, 7, Outcome::kDelivered}});
  producer.sends();
  for (int i = 0; i < 3; ++i) {
    producer.hear("m1");
    producer.tick(400ms);
  }
  CHECK(producer.sends() == Lines{"send 1/2 to 1 [4,6) [7,10)"});
  CHECK(producer.last_header.ledgers == std::vector<ExpectedLedger>{{}, {10}});
  // The ack of the first attempt counts like that of the second.
  producer.hear_ack("s1", 1, {{4, 6, Outcome::kDelivered}, {7, 10, Outcome::kDelivered}});
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("a condemned document is a dead letter when every sink of its list has voided it") {
  Keyed producer(one_death());
  producer.condemn();
  CHECK(producer.sends() == Lines{"send 1/5 to 3 [1,2) condemned"});
  CHECK(producer.last_header.voids);
  CHECK(producer.last_header.deaths == 1);
  producer.hear_ack("s2", 5, {{1, 2, Outcome::kVoid}});
  producer.hear_ack("s2", 5, {{1, 2, Outcome::kVoid}});
  CHECK(producer.sends().empty());
  CHECK(producer.core.counters().settled.documents() == 2);
  producer.hear_ack("s1", 5, {{1, 2, Outcome::kVoid}});
  CHECK(producer.sends() == Lines{"send 1/6 to 3 [1,2) condemned"});
  CHECK_FALSE(producer.last_header.voids);
  // A word about the first step that comes late changes nothing.
  producer.hear_ack("s1", 5, {{1, 2, Outcome::kVoid}});
  CHECK(producer.sends().empty());
  producer.hear_ack("s1", 6, {{1, 2, Outcome::kDead}});
  CHECK(producer.core.in_flight() == 0);
  CHECK(producer.core.counters().settled == Totals{2, 0, 1});
}

TEST_CASE("a condemned document that a sink has is settled by that, and nobody writes it") {
  Keyed producer(one_death());
  producer.condemn();
  producer.sends();
  producer.hear_ack("s1", 5, {{1, 2, Outcome::kVoid}});
  producer.hear_ack("s2", 5, {{1, 2, Outcome::kDelivered}});
  CHECK(producer.sends().empty());
  CHECK(producer.core.in_flight() == 0);
  CHECK(producer.core.counters().settled == Totals{3, 0, 0});
}

TEST_CASE("what an earlier run had voided is condemned again, and its neighbours go on") {
  Keyed producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.sends();
  // The first document names the piece that all travel in.
  producer.hear_ack("s2", 1, {{0, 1, Outcome::kVoid}, {1, 3, Outcome::kDelivered}});
  CHECK(producer.sends() == Lines{"send 1/2 to 1 [0,1) condemned", "send 1/3 to 1 [3,10)"});
  CHECK(producer.core.counters().condemned == 1);
  producer.hear_ack("s1", 1, {{3, 10, Outcome::kDelivered}});
  CHECK(producer.core.in_flight() == 1);
  producer.hear_ack("s1", 2, {{0, 1, Outcome::kVoid}});
  CHECK(producer.sends() == Lines{"send 1/4 to 1 [0,1) condemned"});
  CHECK_FALSE(producer.last_header.voids);
  CHECK(producer.last_header.deaths == 0);
  producer.hear_ack("s1", 4, {{0, 1, Outcome::kDead}});
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("what is void in the middle of a piece leaves the rest of it in one") {
  Keyed producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.sends();
  producer.hear_ack("s1", 1, {{4, 5, Outcome::kVoid}, {8, 9, Outcome::kVoid}});
  CHECK(producer.sends() == Lines{"send 1/2 to 1 [0,4) [5,8) [9,10)",
                                  "send 1/3 to 1 [4,5) condemned",
                                  "send 1/4 to 1 [8,9) condemned"});
}

TEST_CASE("a void from a sink of a batch that is not keyed settles nothing") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.sends();
  Ack ack = producer.ack_of(1, 1, 0, 10);
  ack.entries[0].settled[0].outcome = Outcome::kVoid;
  producer.core.on_ack(ack, producer.now);
  CHECK(producer.sends().empty());
  CHECK(producer.core.in_flight() == 1);
}

}  // namespace
}  // namespace docmill

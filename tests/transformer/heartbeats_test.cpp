#include "transformer/heartbeats.h"

#include "tests/transformer/transformer_fixture.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("an idle transformer sends each producer a heartbeat every 5 s") {
  TransformerFixture t;
  t.turn();
  const std::size_t first = t.p1.sent.size();
  CHECK(first == 1);
  t.turns(20s);
  CHECK(t.p1.sent.size() - first >= 4);
  CHECK(t.p1.sent.size() - first <= 5);
}

TEST_CASE("with work of one producer it sends that one four heartbeats a second, others one") {
  TransformerFixture t;
  t.turn();
  t.arrives(1, "s1");
  t.turn();
  t.begin();
  t.turns(1s);
  const std::size_t busy = t.p1.sent.size();
  const std::size_t other = t.p2.sent.size();
  t.turns(10s);
  CHECK(t.p1.sent.size() - busy >= 39);
  CHECK(t.p1.sent.size() - busy <= 41);
  CHECK(t.p2.sent.size() - other >= 9);
  CHECK(t.p2.sent.size() - other <= 11);
}

TEST_CASE("a large message keeps no heartbeat from its time, however slow the machine is") {
  TransformerFixture t;
  t.turn();
  const std::string large(100 << 20, 'x');
  t.arrives(1, "s1", large);
  t.documents.waiting.front()[1].back() ^= 1;  // damaged on its way
  t.arrives(2, "s1", large);
  const std::size_t before = t.p1.sent.size();
  std::size_t steps = 0;
  for (; t.transformer->jobs().size() == 0 && steps < 100; ++steps) {
    t.clock.time += 5s;
    t.turn();
  }
  CHECK(steps > 20);
  CHECK(steps < 100);
  CHECK(t.p1.sent.size() - before >= steps);
  CHECK(t.transformer->counters().malformed == 1);
  CHECK(t.begin().header.sequence == 2);
}

TEST_CASE("a producer that is connected again hears of an idle transformer at once") {
  TransformerFixture t;
  t.turn();
  t.p1.is_connected = false;
  t.turn();
  const std::size_t before = t.p1.sent.size();
  t.p1.is_connected = true;
  t.turn();
  CHECK(t.p1.sent.size() == before + 1);
}

TEST_CASE("a transformer that leaves lingers only for producers that are connected") {
  TransformerFixture t;
  t.turn();
  t.p1.is_connected = false;
  t.end_arrives("p1");
  t.end_arrives("p2");
  t.turn();
  t.ask_to_stop(5s);
  REQUIRE(t.ends_after(2s).has_value());
  CHECK(t.p1.closed == Duration::zero());
  CHECK(t.p2.closed > Duration::zero());
}

}  // namespace
}  // namespace docmill::test

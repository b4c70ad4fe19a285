// A sink that acknowledges nothing holds back its own batches and nobody else's.
#include "shared/protocol/owner.h"
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kSinks = {"s1", "s2"};

ProducerState two_sinks() {
  ProducerState state;
  Plan plan;
  plan.sinks = kSinks;
  state.plans = {{1, plan}};
  return state;
}

struct TwoSinks : ProducerFixture {
  explicit TwoSinks(ProducerSettings settings = {}) : ProducerFixture(settings, two_sinks()) {}

  static std::string owner(Sequence sequence) { return owner_of({"p1", 7}, sequence, kSinks); }
  // The n-th batch of the sink, from 1.
  static Sequence batch_of(const std::string& sink, int number) {
    for (Sequence sequence = 1;; ++sequence) {
      if (owner(sequence) == sink && --number == 0) return sequence;
    }
  }
  void ack_by_owner(Sequence sequence, std::uint32_t attempt = 1) {
    Ack ack = ack_of(sequence, attempt, 0, 10);
    ack.sink = owner(sequence);
    ack.ledger.id = ack.sink == "s1" ? 9 : 10;
    core.on_ack(ack, now);
  }
  // What is sent is passed on at once; what belongs to s1, or to both, is acked.
  std::map<std::string, int> serve(bool both) {
    std::map<std::string, int> sent;
    commit_all();
    for (const std::string& line : sends()) {
      const auto slash = line.find('/');
      const Sequence sequence = std::stoull(line.substr(5, slash - 5));
      const auto attempt = static_cast<std::uint32_t>(std::stoul(line.substr(slash + 1)));
      ++sent[owner(sequence)];
      hear_passed("m1", sequence, attempt);
      if (both || owner(sequence) == "s1") ack_by_owner(sequence, attempt);
    }
    return sent;
  }
};

TEST_CASE("a sink that acknowledges nothing gets a probe now and then, and the other sink all") {
  TwoSinks producer;
  producer.hear("m1");
  std::map<std::string, int> sent;
  for (int i = 0; i < 600; ++i) {  // 30 s
    producer.admit(10);
    producer.hear("m1");
    producer.tick(50ms);
    for (const auto& [sink, count] : producer.serve(false)) sent[sink] += count;
  }
  int owned = 0;
  for (Sequence sequence = 1; sequence <= 600; ++sequence) {
    owned += TwoSinks::owner(sequence) == "s1" ? 1 : 0;
  }
  CHECK(sent["s1"] == owned);
  // Those of the first three seconds, and then probes of up to 5 s each.
  CHECK(sent["s2"] < 60);
  CHECK(sent["s2"] > 10);
  CHECK(producer.core.counters().timeouts == 0);
  CHECK(producer.core.counters().sends ==
        producer.core.counters().batches - (600 - owned) + static_cast<std::uint64_t>(sent["s2"]));
}

TEST_CASE(
    "an ack makes a sink available: what waited for it is sent, what was lost is sent again") {
  TwoSinks producer;
  producer.hear("m1");
  for (int i = 0; i < 200; ++i) {
    producer.admit(10);
    producer.hear("m1");
    producer.tick(50ms);
    producer.serve(false);
  }
  CHECK(producer.core.in_flight() > 50);
  for (int i = 0; i < 400 && producer.core.in_flight() > 0; ++i) {
    producer.hear("m1");
    producer.tick(50ms);
    producer.serve(true);
  }
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("a batch that comes back because its sink is unavailable is held against no member") {
  TwoSinks producer;
  producer.hear("m1");
  const Sequence first = TwoSinks::batch_of("s2", 1);
  for (Sequence sequence = 1; sequence <= first; ++sequence) producer.admit(10);
  producer.commit_all();
  producer.sends();
  producer.hear_returned("m1", first, 1, ReturnReason::kSinkUnavailable);
  CHECK(producer.sends() == Lines{});
  // The member is not late: it gets everything else at once.
  int owned = 0;
  for (int i = 0; i < 8; ++i) {
    if (TwoSinks::owner(producer.admit(10)) == "s1") ++owned;
  }
  producer.commit_all();
  CHECK(static_cast<int>(producer.sends().size()) == owned);
  producer.tick(100ms);  // the probe
  CHECK(producer.sends() == Lines{fmt::format("send {}/2 to 1 [0,10)", first)});
}

TEST_CASE("what was passed on is not sent again while its sink takes the others in order") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(40);
  for (Sequence sequence = 1; sequence <= 40; ++sequence) producer.hear_passed("m1", sequence);
  producer.sends();
  // The sink needs four seconds for each.
  for (Sequence sequence = 1; sequence <= 40; ++sequence) {
    for (int i = 0; i < 8; ++i) {
      producer.hear("m1");
      producer.tick(500ms);
    }
    producer.ack(sequence);
  }
  CHECK(producer.sends() == Lines{});
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("what was passed on and overtaken on the same way is sent again") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(2);
  producer.sends();
  producer.hear_passed("m1", 1);
  producer.hear_passed("m1", 2);
  producer.ack(2);
  producer.hear("m1");
  producer.tick(500ms);
  CHECK(producer.sends() == Lines{});
  for (int i = 0; i < 6; ++i) {
    producer.hear("m1");
    producer.tick(500ms);
  }
  CHECK(producer.sends() == Lines{"send 1/2 to 1 [0,10)"});
}

TEST_CASE("what was passed on by a member that died is sent again at once") {
  ProducerFixture producer;
  producer.hear("m1");
  producer.admit_durably(1);
  producer.hear_passed("m1", 1);
  producer.sends();
  producer.hear_only({"m2"});
  CHECK(producer.sends() == Lines{"send 1/2 to 2 [0,10)"});
  CHECK(producer.core.counters().moved == 1);
}

}  // namespace
}  // namespace docmill

// What has come to its sink and waits there for its turn: it is nobody's burden, and not settled.
#include <map>

#include "shared/protocol/producer_core.h"
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

void arrive(ProducerFixture& fixture, Sequence sequence, std::uint32_t attempt = 1,
            Early early = Early::kHeld) {
  Ack ack = fixture.ack_of(sequence, attempt, 0, 10);
  ack.entries[0].settled.clear();
  ack.entries[0].early = early;
  fixture.core.on_ack(ack, fixture.now);
}

ProducerSettings one_batch_a_member() {
  ProducerSettings settings;
  settings.member.batches = 1;
  return settings;
}

TEST_CASE("a batch that has arrived makes its member free, and is in flight until it is settled") {
  ProducerFixture fixture(one_batch_a_member());
  fixture.hear("m1");
  fixture.admit_durably(2);
  CHECK(fixture.sends() == Lines{"send 1/1 to 1 [0,10)"});
  arrive(fixture, 1);
  CHECK(fixture.sends() == Lines{"send 2/1 to 1 [0,10)"});
  CHECK(fixture.core.in_flight() == 2);
  fixture.ack(2);
  fixture.ack(1);
  CHECK(fixture.core.in_flight() == 0);
}

TEST_CASE("what has arrived is not moved from the dead, nor blamed for a death") {
  ProducerFixture fixture;
  fixture.hear("m1");
  fixture.admit_durably(1);
  fixture.hear_started("m1", 1, 1);
  arrive(fixture, 1);
  fixture.hear_only({"m2"});
  CHECK(fixture.core.counters().deaths == 1);
  CHECK(fixture.core.counters().moved == 0);
  for (const std::string& line : fixture.lines()) CHECK(line.find("send 1/2") == line.npos);
}

TEST_CASE("what has arrived is sent again when its time is over, and then anew counts as held") {
  ProducerFixture fixture(one_batch_a_member());
  fixture.hear("m1");
  fixture.admit_durably(1);
  arrive(fixture, 1);
  fixture.hear_only({"m1"});
  fixture.hear_only({"m1"});
  CHECK(fixture.sends() == Lines{"send 1/1 to 1 [0,10)", "send 1/2 to 1 [0,10)"});
  CHECK(fixture.core.counters().timeouts == 1);
  arrive(fixture, 1, 1);  // of the attempt before: says nothing of this one
  fixture.admit_durably(1);
  CHECK(fixture.sends().empty());
  arrive(fixture, 1, 2);
  CHECK(fixture.sends() == Lines{"send 2/1 to 1 [0,10)"});
}

TEST_CASE("an arrived batch that is not the oldest uses up no repetition that a held one needs") {
  ProducerFixture fixture;
  fixture.hear("m1");
  fixture.admit_durably(3);
  arrive(fixture, 2);
  fixture.hear_only({"m1"});
  fixture.hear_returned("m1", 1, 1, ReturnReason::kLeaving);  // the oldest gets more time
  fixture.sends();
  fixture.hear_only({"m1"});
  CHECK(fixture.sends() == Lines{"send 3/2 to 1 [0,10)"});
}

TEST_CASE("what was dropped is sent again, the oldest first, two for each batch that is settled") {
  ProducerFixture fixture;
  fixture.hear("m1");
  fixture.admit_durably(6);
  CHECK(fixture.sends().size() == 6);
  for (const Sequence sequence : {5, 3, 4, 6}) arrive(fixture, sequence, 1, Early::kDropped);
  arrive(fixture, 2);  // held
  CHECK(fixture.sends().empty());
  fixture.ack(1);
  CHECK(fixture.sends() == Lines{"send 3/2 to 1 [0,10)", "send 4/2 to 1 [0,10)"});
  fixture.ack(1);  // settles nothing more
  CHECK(fixture.sends().empty());
  arrive(fixture, 4, 2, Early::kDropped);
  fixture.ack(2);
  CHECK(fixture.sends() == Lines{"send 4/3 to 1 [0,10)", "send 5/2 to 1 [0,10)"});
}

// A sink with `order: source` that has room for three early batches and answers everything at once.
class SmallOrderedSink {
 public:
  explicit SmallOrderedSink(ProducerFixture& producer) : producer_(producer) {}

  // Everything sent is passed on by m1 and reaches the sink.
  void serve() {
    for (const std::string& line : producer_.sends()) {
      const auto slash = line.find('/');
      const Sequence sequence = std::stoull(line.substr(5, slash - 5));
      const auto attempt = static_cast<std::uint32_t>(std::stoul(line.substr(slash + 1)));
      producer_.hear_passed("m1", sequence, attempt);
      receive(sequence, attempt);
    }
  }
  // It forgets what is early, and has settled all before this one.
  void restart_at(Sequence next) {
    early_.clear();
    next_ = next;
  }

 private:
  void receive(Sequence sequence, std::uint32_t attempt) {
    early_[sequence] = attempt;
    if (sequence != next_) arrive(producer_, sequence, attempt, Early::kHeld);
    while (!early_.empty() && early_.begin()->first <= next_) {
      const auto [first, its_attempt] = *early_.begin();
      early_.erase(early_.begin());
      producer_.ack(first, its_attempt);
      next_ = std::max(next_, first + 1);
    }
    while (early_.size() > 3) {
      const auto [last, its_attempt] = *early_.rbegin();
      early_.erase(last);
      arrive(producer_, last, its_attempt, Early::kDropped);
    }
  }

  ProducerFixture& producer_;
  Sequence next_ = 1;
  std::map<Sequence, std::uint32_t> early_;
};

TEST_CASE("while hundreds of batches are overdue, the one that the sink needs next is sent first") {
  ProducerSettings settings;
  settings.member.batches = 2000;
  settings.timeout.first = 1s;
  ProducerFixture producer(settings);
  SmallOrderedSink sink(producer);
  producer.hear("m1");
  producer.admit_durably(500);
  std::vector<std::string> first = producer.sends();
  REQUIRE(first.size() == 500);
  for (Sequence sequence = 3; sequence <= 500; ++sequence) {
    producer.hear_passed("m1", sequence);
    arrive(producer, sequence, 1, Early::kDropped);
  }
  // The second batch arrives later than those that follow, so its time is over later, too.
  producer.tick(500ms);
  producer.hear("m1");
  producer.hear_passed("m1", 2);
  arrive(producer, 2);
  producer.ack(1);
  sink.restart_at(2);
  for (int i = 0; i < 200 && producer.core.in_flight() > 0; ++i) {  // 10 s
    producer.hear("m1");
    producer.tick(50ms);
    sink.serve();
  }
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("what was held and is dropped after all is sent again too") {
  ProducerFixture fixture;
  fixture.hear("m1");
  fixture.admit_durably(2);
  arrive(fixture, 2);
  arrive(fixture, 2, 1, Early::kDropped);
  fixture.sends();
  fixture.ack(1);
  CHECK(fixture.sends() == Lines{"send 2/2 to 1 [0,10)"});
}

}  // namespace
}  // namespace docmill

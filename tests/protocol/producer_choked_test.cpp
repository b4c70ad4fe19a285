// Members that are heard and take nothing: what their links may hold is bounded.
#include <algorithm>
#include <cstdio>

#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kBatch = 100;  // bytes of ten documents

// m1 is heard and takes nothing; m2 passes on everything at once, and its sink settles it.
struct Choking {
  explicit Choking(ProducerSettings settings) : producer(settings) {
    producer.hear("m1");
    producer.hear("m2");
  }

  void turn() {
    producer.pass(100ms);
    producer.hear("m1");
    producer.hear("m2");
    producer.core.on_tick(producer.now);
    while (producer.core.wants_batch() && producer.core.in_flight() < 8) producer.admit(10);
    producer.commit_all();
    for (const std::string& line : producer.lines()) follow(line);
  }

  void follow(const std::string& line) {
    unsigned long sequence = 0;
    unsigned attempt = 0;
    unsigned member = 0;
    if (line.starts_with("connect 1 ")) {
      most = std::max(most, in_link);
      in_link = 0;
      ++replaced;
    }
    if (std::sscanf(line.c_str(), "send %lu/%u to %u", &sequence, &attempt, &member) != 3) return;
    if (member == 1) {
      in_link += kBatch;
      most = std::max(most, in_link);
      return;
    }
    producer.hear_passed("m2", sequence, attempt);
    producer.ack(sequence, attempt);
  }

  ProducerFixture producer;
  std::uint64_t in_link = 0;
  std::uint64_t most = 0;
  int replaced = -1;  // the first connection replaces none
};

TEST_CASE("the link of a member that takes nothing holds no more than its limit and one batch") {
  ProducerSettings settings;
  settings.member.bytes = Bytes{3 * kBatch};
  Choking choking(settings);
  for (int i = 0; i < 6000; ++i) choking.turn();
  CHECK(choking.most <= 4 * kBatch);
  // It is tried again and again, as it may become reachable.
  CHECK(choking.replaced >= 2);
  CHECK(choking.producer.core.counters().settled.delivered > 10'000);
}

TEST_CASE(
    "a member whose sink acks before its news arrives is not taken for one that takes nothing") {
  ProducerSettings settings;
  settings.member.bytes = Bytes{3 * kBatch};
  ProducerFixture producer(settings);
  producer.hear("m1");
  for (int i = 0; i < 100; ++i) {
    producer.admit_durably(1);
    producer.ack(static_cast<Sequence>(i) + 1);
    producer.pass(100ms);
    producer.hear("m1");
    producer.core.on_tick(producer.now);
  }
  CHECK(producer.core.counters().settled.delivered == 1000);
  const Lines lines = producer.lines();
  CHECK(std::count(lines.begin(), lines.end(), "connect 1 at tcp://m1") == 1);
}

}  // namespace
}  // namespace docmill

// Batches so large that a peer cannot answer before it has received all of them: the time that they
// take on their way is held against nobody.
#include "shared/base/transfer_time.h"
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kLarge = 4 << 20;  // documents of ten bytes: 40 MiB, which may take 5 s

struct Large : ProducerFixture {
  explicit Large(const ProducerSettings& settings = Large::settings()) : ProducerFixture(settings) {
    hear("m1");
  }

  static ProducerSettings settings() {
    ProducerSettings settings;
    settings.timeout.first = 1s;
    settings.member.bytes = Bytes{1 << 30};
    settings.window.bytes = Bytes{1 << 30};
    return settings;
  }
  void admit_durably(std::uint32_t documents) {
    admit(documents);
    commit_all();
  }
  // So long, with heartbeats of m1 that report nothing.
  void wait(Duration duration) {
    for (const Time end = now + duration; now < end;) {
      hear("m1");
      tick(std::min<Duration>(100ms, end - now));
    }
  }
};

TEST_CASE("an ordinary message gets no time for its size, a large one a second for each 8 MiB") {
  CHECK(transfer_time(0) == 0s);
  CHECK(transfer_time(1 << 20) == 0s);
  CHECK(transfer_time((1 << 20) + 1) == 125ms);
  CHECK(transfer_time(400 << 20) == 50s);
  CHECK(transfer_time(std::uint64_t{1} << 63) < 2h);
}

TEST_CASE("a large batch that its member has not reported yet is not sent again at once") {
  Large producer;
  producer.admit_durably(kLarge);
  CHECK(producer.sends().size() == 1);
  producer.wait(5900ms);
  CHECK(producer.sends() == Lines{});
  producer.wait(200ms);
  CHECK(producer.sends() == Lines{fmt::format("send 1/2 to 1 [0,{})", kLarge)});
}

TEST_CASE("a small batch behind a large one on the same link has the time of both") {
  Large producer;
  producer.admit_durably(kLarge);
  producer.admit_durably(10);
  CHECK(producer.sends().size() == 2);
  producer.wait(5900ms);
  CHECK(producer.sends() == Lines{});
}

TEST_CASE("a sink that receives a large batch is available until the time for its size is over") {
  Large producer;
  producer.admit_durably(kLarge);
  producer.hear_passed("m1", 1);
  producer.sends();
  producer.wait(6900ms);
  producer.admit_durably(10);
  CHECK(producer.sends() == Lines{"send 2/1 to 1 [0,10)"});
  producer.wait(200ms);
  producer.admit_durably(10);
  CHECK(producer.sends() == Lines{});
}

TEST_CASE("a large batch that was passed on is not sent again while its sink receives it") {
  Large producer;
  producer.admit_durably(kLarge);
  producer.core.finish(producer.now);
  producer.hear_passed("m1", 1);
  producer.sends();
  producer.wait(6900ms);
  CHECK(producer.sends() == Lines{});
  producer.ack(1, 1, 0, kLarge);
  CHECK(producer.core.counters().timeouts == 0);
  CHECK(producer.core.in_flight() == 0);
}

TEST_CASE("a member that reports a repeat of a batch that is settled by now is free for the next") {
  ProducerSettings settings = Large::settings();
  settings.member.bytes = Bytes{60 << 20};
  Large producer(settings);
  producer.admit_durably(kLarge);
  producer.wait(6100ms);
  CHECK(producer.sends().back() == fmt::format("send 1/2 to 1 [0,{})", kLarge));
  producer.hear_passed("m1", 1, 1);
  producer.ack(1, 1, 0, kLarge);
  producer.hear_passed("m1", 1, 2);
  producer.commit_all();
  producer.lines();
  producer.admit_durably(10);
  CHECK(producer.sends() == Lines{"send 2/1 to 1 [0,10)"});
}

}  // namespace
}  // namespace docmill

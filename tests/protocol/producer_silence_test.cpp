// How long a member may be silent, with the settings of the daemon. The fixture of the other tests
// gives idle members no more time than busy ones.
#include "tests/protocol/producer_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

class Listener {
 public:
  explicit Listener(const ProducerSettings& settings = {})
      : core_(settings, ProducerFixture::with_defaults({})) {
    core_.on_tick(now_);
  }

  void hear(std::uint32_t queued = 0, const std::string& name = "m1") {
    Heartbeat heartbeat;
    heartbeat.member = name;
    heartbeat.incarnation = 1;
    heartbeat.address = "tcp://" + name;
    heartbeat.run = core_.state().run;
    heartbeat.queued = queued;
    core_.on_heartbeat(heartbeat, now_);
  }

  void hear_passed() {
    Heartbeat heartbeat;
    heartbeat.member = "m1";
    heartbeat.incarnation = 1;
    heartbeat.address = "tcp://m1";
    heartbeat.run = core_.state().run;
    heartbeat.passed = {{last_, 1}};
    core_.on_heartbeat(heartbeat, now_);
  }

  // Until the producer takes the member for dead; `most` when it does not.
  Duration silence(Duration most) {
    const Time began = now_;
    while (core_.counters().deaths == 0 && now_ - began < most) tick();
    return now_ - began;
  }

  void send(std::size_t bytes = 1) {
    Batch batch;
    batch.sequence = ++last_;
    batch.documents = 1;
    batch.payload = std::make_shared<const std::string>(bytes, 'x');
    core_.admit(std::move(batch), {}, now_);
    const std::uint64_t before = core_.counters().sends;
    for (int ticks = 0; ticks < 50 && core_.counters().sends == before; ++ticks) {
      tick();
      for (const ProducerAction& action : core_.take_actions()) {
        if (const auto* commit = std::get_if<Commit>(&action)) {
          core_.on_committed(commit->ticket, now_);
        }
      }
    }
    REQUIRE(core_.counters().sends == before + 1);
  }

  const ProducerCounters& counters() const { return core_.counters(); }

 private:
  void tick() {
    now_ += 10ms;
    core_.on_tick(now_);
  }

  Time now_ = Time{} + 1h;
  Sequence last_ = 0;
  ProducerCore core_;
};

TEST_CASE("an idle member is dead after three of its heartbeats are missing, not before") {
  Listener producer;
  producer.hear();
  CHECK(producer.silence(20s) > 14900ms);
  CHECK(producer.counters().deaths == 1);
}

TEST_CASE("an idle member that does not answer is dead 2.5 s after it was sent something") {
  Listener producer;
  producer.hear();
  REQUIRE(producer.silence(9s) == 9s);
  producer.send();
  const Duration silence = producer.silence(20s);
  CHECK(silence > 2400ms);
  CHECK(silence < 2600ms);
}

TEST_CASE("an idle member that answers what it was sent lives on") {
  Listener producer;
  producer.hear();
  REQUIRE(producer.silence(9s) == 9s);
  producer.send();
  REQUIRE(producer.silence(2400ms) == 2400ms);
  producer.hear(1);
  CHECK(producer.silence(1400ms) == 1400ms);
}

TEST_CASE("what is sent to a silent member gives it no more time than it has") {
  Listener producer;
  producer.hear();
  REQUIRE(producer.silence(14s) == 14s);
  producer.send();
  CHECK(producer.silence(20s) < 1100ms);
}

TEST_CASE(
    "a member is not dead while a large batch is on its way to it and it misses no heartbeat") {
  Listener producer;
  producer.hear();
  REQUIRE(producer.silence(4900ms) == 4900ms);
  producer.hear();
  producer.send(64 << 20);
  for (int i = 0; i < 4; ++i) {
    REQUIRE(producer.silence(5s) == 5s);
    producer.hear();
  }
  const Duration silence = producer.silence(20s);
  CHECK(silence > 6400ms);
  CHECK(silence < 6600ms);
}

TEST_CASE("a member with work is dead after 1.5 s of silence") {
  Listener producer;
  producer.hear();
  producer.send();
  producer.hear(1);
  const Duration silence = producer.silence(20s);
  CHECK(silence > 1400ms);
  CHECK(silence < 1600ms);
}

TEST_CASE("a member that falls silent after it passed outputs on is dead after 1.5 s") {
  Listener producer;
  producer.hear();
  producer.send();
  producer.hear_passed();
  const Duration silence = producer.silence(20s);
  CHECK(silence > 1400ms);
  CHECK(silence < 1600ms);
  CHECK(producer.counters().moved == 1);
}

TEST_CASE("a member may report every 5 s again while a sink is slow to acknowledge") {
  Listener producer;
  producer.hear();
  producer.send();
  producer.hear_passed();
  for (int i = 0; i < 7; ++i) {
    REQUIRE(producer.silence(500ms) == 500ms);
    producer.hear();
  }
  CHECK(producer.silence(4500ms) == 4500ms);
}

TEST_CASE("the log tells the silence of a former process from that of its successor") {
  ProducerFixture producer;
  producer.hear("m1");
  Heartbeat successor = producer.heartbeat("m1");
  successor.incarnation = 2;
  std::vector<std::string> warnings;
  for (int i = 0; i < 6; ++i) {
    if (i < 4) producer.core.on_heartbeat(successor, producer.now);
    producer.tick(500ms);
    for (const ProducerAction& action : producer.core.take_actions()) {
      const auto* say = std::get_if<Say>(&action);
      if (say != nullptr && say->level == LogLevel::kWarn) warnings.push_back(say->text);
    }
  }
  producer.tick(500ms);
  for (const ProducerAction& action : producer.core.take_actions()) {
    if (const auto* say = std::get_if<Say>(&action)) warnings.push_back(say->text);
  }
  CHECK(warnings ==
        Lines{"the former process of m1 is silent for 2000 ms; 0 of its batches go to others",
              "m1 is silent for 2000 ms; 0 of its batches go to others"});
}

TEST_CASE("a producer whose batches no transformer takes logs that once a minute") {
  ProducerFixture producer;
  const auto warnings = [&](Duration duration) {
    Lines found;
    for (Duration passed{}; passed < duration; passed += 500ms) {
      producer.tick(500ms);
      for (const ProducerAction& action : producer.core.take_actions()) {
        const auto* say = std::get_if<Say>(&action);
        if (say != nullptr && say->level == LogLevel::kWarn) found.push_back(say->text);
      }
    }
    return found;
  };
  CHECK(warnings(60s).empty());  // nothing waits
  producer.admit_durably(3);
  CHECK(warnings(5s).empty());
  CHECK(warnings(50s) == Lines{"no transformer has joined for 5 s; 3 batches wait for one"});
  CHECK(warnings(20s) == Lines{"no transformer has joined for 65 s; 3 batches wait for one"});
  producer.hear("m1");
  CHECK(warnings(1s).empty());
}

}  // namespace
}  // namespace docmill

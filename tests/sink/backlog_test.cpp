#include "shared/runtime/backlog.h"

#include <chrono>
#include <deque>
#include <string>

#include "tests/sink/running_sink.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

// A link that peers fill again and again, over connections without end.
class FullLink final : public PullLink {
 public:
  void arrive(const std::string& text) { waiting_.push_back(text); }
  bool receive(std::vector<Frame>& message) override {
    if (waiting_.empty()) return false;
    message.clear();
    message.push_back(Frame::copy(waiting_.front()));
    waiting_.pop_front();
    return true;
  }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  std::deque<std::string> waiting_;
};

struct BacklogFixture {
  BacklogFixture() {
    backlog.relieve(now);
    now += 8s;
  }
  void arrive(int count, std::size_t bytes) {
    for (int i = 0; i < count; ++i) {
      std::string text = std::to_string(++arrived) + " ";
      text.resize(std::max(text.size(), bytes), 'x');
      link.arrive(text);
    }
  }
  // The numbers of the messages that are received until there are none.
  std::vector<int> rest() {
    std::vector<int> numbers;
    std::vector<Frame> message;
    while (backlog.receive(message, now)) {
      numbers.push_back(std::stoi(std::string(message.front().bytes())));
    }
    return numbers;
  }

  FullLink link;
  Backlog backlog{link, Backlog::Keep::kOldest};
  Time now = Time{} + 1h;
  int arrived = 0;
};

TEST_CASE_METHOD(BacklogFixture, "a link is left alone for 8 s, so that it slows its senders") {
  CHECK(rest().empty());
  arrive(5, 10);
  now += 7s;
  backlog.relieve(now);
  CHECK(link.waiting() == 5);
  now += 1s;
  backlog.relieve(now);
  CHECK(link.waiting() == 0);
  CHECK(backlog.dropped() == 0);
}

TEST_CASE_METHOD(BacklogFixture, "what was held comes before what arrived later, in order") {
  arrive(3, 10);
  backlog.relieve(now);
  CHECK(backlog.holds());
  arrive(2, 10);
  CHECK(rest() == std::vector{1, 2, 3, 4, 5});
  CHECK_FALSE(backlog.holds());
}

TEST_CASE_METHOD(BacklogFixture, "a backlog holds 16 MiB, and drops what comes later") {
  for (int hour = 0; hour < 48; ++hour) {
    arrive(10, 1 << 20);
    backlog.relieve(now);
    now += 1h;
    CHECK(link.waiting() == 0);
  }
  CHECK(backlog.dropped() == 480 - 16);
  CHECK(rest().size() == 16);
  arrive(10, 1 << 20);
  now += 8s;
  backlog.relieve(now);
  CHECK(rest().size() == 10);
}

TEST_CASE_METHOD(BacklogFixture, "a backlog holds 16,384 messages, though they are small") {
  for (int i = 0; i < 10; ++i, now += 8s) {
    arrive(2000, 1);
    backlog.relieve(now);
  }
  CHECK(link.waiting() == 0);
  CHECK(rest().size() == 16'384);
  CHECK(backlog.dropped() == 20'000 - 16'384);
}

TEST_CASE_METHOD(BacklogFixture, "a flood does not keep a daemon in one call for ever") {
  arrive(10'000, 1);
  backlog.relieve(now);
  CHECK(link.waiting() == 10'000 - 4096);
  backlog.relieve(now);
  backlog.relieve(now);
  CHECK(link.waiting() == 0);
}

TEST_CASE_METHOD(BacklogFixture, "a backlog that keeps the last drops what came first") {
  Backlog last(link, Backlog::Keep::kNewest);
  last.relieve(now);
  now += 8s;
  arrive(20, 1 << 20);
  last.relieve(now);
  CHECK(last.dropped() == 4);
  std::vector<Frame> message;
  REQUIRE(last.receive(message, now));
  CHECK(std::stoi(std::string(message.front().bytes())) == 5);
}

TEST_CASE_METHOD(BacklogFixture, "a message that is larger than a backlog is held alone") {
  arrive(2, (16 << 20) + 1);
  backlog.relieve(now);
  CHECK(rest() == std::vector{1});
}

TEST_CASE_METHOD(RunningSink, "a sink that waits for a locked database for days stays small") {
  batches.left = 1;
  output->syncs.assign(100'000, unavailable("a.db: database is locked"));
  REQUIRE(*sink->step());
  int steps = 0;
  std::uint64_t most = 0;
  for (const Time end = clock.time + 48h; clock.time < end; clock.time += sink->idle()) {
    if (++steps % 3 == 0) ++batches.left;  // a probe, over a connection of its own
    REQUIRE(*sink->step());
    most = std::max(most, batches.left);
  }
  CHECK(most <= 2);
  CHECK(acks.batches == 0);
  CHECK(sink->counters().unread_dropped > 10'000);
  output->syncs.clear();
  for (int turn = 0; turn < 1000; ++turn) {
    clock.time += std::max<Duration>(sink->idle(), 1ms);
    REQUIRE(*sink->step());
  }
  CHECK(acks.batches == batches.sent - sink->counters().unread_dropped);
}

TEST_CASE_METHOD(RunningSink, "a sink that is told to end takes what it held while it waited") {
  batches.left = 1;
  output->syncs.assign(6, unavailable("a.db: database is locked"));
  REQUIRE(*sink->step());
  batches.left = 5;
  for (int turn = 0; turn < 5; ++turn) {
    clock.time += 2s;
    REQUIRE(*sink->step());
  }
  CHECK(batches.left == 0);
  CHECK(acks.batches == 0);
  output->syncs.clear();
  ask_to_stop();
  steps_to_the_end();
  CHECK(acks.batches == 6);
}

}  // namespace
}  // namespace docmill::test

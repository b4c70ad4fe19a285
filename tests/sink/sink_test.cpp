#include "sink/sink.h"

#include "shared/config/routed_output.h"
#include "sink/files.h"
#include "tests/sink/fake_output.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {
namespace {

using namespace std::chrono_literals;

class TickedClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = Time{} + 1h;
};

// Producers that always have another batch of one document, or as many as they are told.
class EndlessBatches final : public PullLink {
 public:
  bool receive(std::vector<Frame>& message) override {
    if (left == 0) return false;
    --left;
    ++sent;
    PayloadWriter payload;
    payload.document(0, {Format::kJson, bytes, {}});
    const std::string documents = payload.take();
    BatchHeader header;
    header.processed = true;
    header.lineage = {"p1", 7};
    header.run = {1, 1};
    header.sequence = sent;
    header.attempt = 1;
    header.documents = 1;
    header.share = {{0, 1}};
    header.sinks = {misrouted ? "s2" : "s1"};
    header.origin_hash = sent;
    message.clear();
    message.push_back(Frame::copy(garbage ? "DM" : encode(header, documents)));
    message.push_back(Frame::copy(documents));
    return true;
  }

  std::uint64_t left = ~std::uint64_t{0};
  std::uint64_t sent = 0;
  std::string bytes = "{\"n\":\"" + std::string(100'000, 'x') + "\"}";
  bool garbage = false;
  bool misrouted = false;
};

class SeenAcks final : public ProducerLink {
 public:
  void send(const Ack& ack, Time) override { batches += ack.entries.size(); }
  void send(const Refusal&, Time) override {}
  void on_acks_lost(const std::string&, Time) override {}
  std::uint64_t batches = 0;
};

class AskedToStop final : public StopRequest {
 public:
  int stops() override { return count; }
  std::optional<Time> deadline() const override { return until; }
  bool reloading() const override { return false; }
  int count = 0;
  std::optional<Time> until;
};

struct RunningSink : SinkFixture {
  RunningSink() {
    reopen();
    auto file = open_sink_file(folder / "dead.ndjson", context());
    REQUIRE(file.ok());
    std::vector<std::unique_ptr<Output>> outputs;
    outputs.push_back(std::make_unique<FakeOutput>());
    output = static_cast<FakeOutput*>(outputs[0].get());
    const std::vector<Component> chosen = {
        {.key = "fake", .config = RoutedOutput{{}, {}}, .line = 1, .canonical = {}}};
    OutputRoutes routes(outputs, chosen);
    LedgerState state_now = *ledger->state();
    sink.emplace(SinkParts{.name = "s1",
                           .store = std::move(ledger),
                           .state = std::move(state_now),
                           .life = 1,
                           .dead_letters = std::make_unique<DeadLetters>(std::move(*file)),
                           .outputs = std::move(outputs),
                           .places = {"sink.outputs.fake"},
                           .routes = std::move(routes),
                           .publisher = {},
                           .order = WriteOrder::kAny,
                           .early = {}},
                 SinkLinks{batches, acks, stop, clock, log});
  }
  ~RunningSink() { sink.reset(); }

  void ask_to_stop(Duration within = 5s) {
    ++stop.count;
    if (!stop.until) stop.until = clock.time + within;
  }
  // How many steps of that length the sink takes until it has ended.
  int steps_of(Duration length) {
    for (int steps = 1; steps < 1000; ++steps) {
      if (!*sink->step()) return steps;
      clock.time += length;
    }
    return 1000;
  }
  // How many steps the sink takes until it has ended, each after the time that it wants to wait.
  int steps_to_the_end() {
    for (int steps = 1; steps < 1000; ++steps) {
      const auto more = sink->step();
      INFO((more ? "" : more.error().text));
      REQUIRE(more.ok());
      if (!*more) return steps;
      clock.time += std::max<Duration>(sink->idle(), 200ms);
    }
    return 1000;
  }

  TickedClock clock;
  EndlessBatches batches;
  SeenAcks acks;
  AskedToStop stop;
  FakeOutput* output = nullptr;
  std::optional<Sink> sink;
};

TEST_CASE_METHOD(RunningSink,
                 "a sink that is told to end takes batches for a quarter of its time at most") {
  REQUIRE(*sink->step());
  const std::uint64_t taken = batches.sent;
  CHECK(acks.batches == taken);
  ask_to_stop(4s);
  CHECK(steps_of(100ms) == 11);
  CHECK(batches.sent > taken);
  CHECK(acks.batches == batches.sent);
  CHECK(output->settled.size() == batches.sent);
  CHECK(log.lines.back() ==
        "stopped; " + std::to_string(batches.sent) + " documents delivered, 0 dead");
}

TEST_CASE_METHOD(RunningSink, "a sink that is told to end takes what has arrived") {
  REQUIRE(*sink->step());
  batches.left = 3;
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(batches.left == 0);
  CHECK(acks.batches == batches.sent);
}

TEST_CASE_METHOD(RunningSink, "an output that takes nothing is waited for until the deadline") {
  batches.left = 1;
  output->syncs.assign(1000, unavailable(""));
  REQUIRE(*sink->step());
  CHECK_FALSE(sink->listens());
  CHECK(sink->idle() == 0s);
  ask_to_stop(5s);
  CHECK(steps_to_the_end() == 26);
  CHECK(acks.batches == 0);
  CHECK(log.lines.back() == "stopped before the last group was committed; it is sent again");
}

TEST_CASE_METHOD(RunningSink,
                 "a full disk is tried again after 2 s, and once more before the end") {
  batches.left = 1;
  output->syncs.assign(3, unavailable("a: append 9 bytes: no space left on device"));
  REQUIRE(*sink->step());
  CHECK(log.lines.back() == "a: append 9 bytes: no space left on device; retry in 2s");
  CHECK(sink->idle() == 2s);
  clock.time += 1s;
  REQUIRE(*sink->step());
  CHECK(output->syncs.size() == 2);
  clock.time += 1s;
  REQUIRE(*sink->step());
  CHECK(output->syncs.size() == 1);
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(output->syncs.empty());
  CHECK(log.lines.back() == "stopped before the last group was committed; it is sent again");
}

TEST_CASE_METHOD(RunningSink,
                 "a sink waits for the descriptor of an output, not inside it, and not for long") {
  batches.left = 1;
  output->descriptor = 0;
  output->syncs.assign(3, unavailable(""));
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 1ms);
  clock.time += 800ms;
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 100ms);
  clock.time += 1h;
  REQUIRE(*sink->step());
  CHECK(sink->idle() == 200ms);
  REQUIRE(*sink->step());
  CHECK(acks.batches == 1);
}

TEST_CASE_METHOD(RunningSink,
                 "an output without a free descriptor in serve() does not end a sink") {
  batches.left = 1;
  output->serves.assign(400, unavailable("spool: open: too many open files"));
  for (int turn = 0; turn < 400; ++turn) {
    REQUIRE(sink->step().ok());
    clock.time += 200ms;
  }
  CHECK(acks.batches == 1);
  CHECK(log.lines ==
        std::vector<std::string>{
            "sink.outputs.fake: spool: open: too many open files; it is tried again",
            "sink.outputs.fake: spool: open: too many open files; it is tried again (299 more like "
            "it)"});
  output->serves.push_back(corrupt("spool: read: input/output error"));
  CHECK(sink->step().error() == corrupt("spool: read: input/output error"));
}

TEST_CASE_METHOD(RunningSink, "a second request ends a sink at once") {
  batches.left = 1;
  output->syncs.assign(1000, unavailable(""));
  REQUIRE(*sink->step());
  ask_to_stop();
  REQUIRE(*sink->step());
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(output->syncs.size() == 998);
}

TEST_CASE_METHOD(RunningSink, "a sink that is stopped after a commit does not deny it") {
  batches.left = 1;
  output->settles.assign(1000, unavailable("a: create: no space left on device"));
  REQUIRE(*sink->step());
  ask_to_stop();
  CHECK(steps_to_the_end() == 1);
  CHECK(acks.batches == 0);
  CHECK(log.lines.back() == "stopped; the files get their names at the next start");
}

TEST_CASE_METHOD(RunningSink, "a sink that cannot end its files ends with an error of its own") {
  batches.left = 1;
  REQUIRE(*sink->step());
  REQUIRE(acks.batches == 1);
  output->has_begun = true;
  output->syncs.assign(1000, unavailable("a: append 3 bytes: no space left on device"));
  ask_to_stop();
  const auto ended = sink->step();
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error() ==
        unavailable("stopped before growing files got their end; the next start ends them"));
  CHECK(log.lines.back() == "a: append 3 bytes: no space left on device; retry in 2s");
}

TEST_CASE_METHOD(RunningSink, "a flood of messages that are no batches does not hold up a commit") {
  batches.garbage = true;
  batches.bytes = "{}";
  REQUIRE(*sink->step());
  CHECK(sink->counters().malformed > 0);
  ask_to_stop(4s);
  CHECK(steps_of(100ms) == 11);
}

TEST_CASE_METHOD(RunningSink, "a disk that fails ends the sink with its error") {
  batches.left = 1;
  output->syncs = {corrupt("a: sync: input/output error")};
  const auto ended = sink->step();
  REQUIRE_FALSE(ended.ok());
  CHECK(ended.error() == corrupt("a: sync: input/output error"));
  CHECK(acks.batches == 0);
}

TEST_CASE_METHOD(RunningSink, "a flood of small batches for another sink ends a step") {
  batches.misrouted = true;
  batches.bytes = "1";
  REQUIRE(*sink->step());
  CHECK(batches.sent <= 20'000);
  CHECK(sink->counters().misrouted == batches.sent);
}

}  // namespace
}  // namespace docmill::test

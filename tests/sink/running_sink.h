// A sink with batches, a clock and a stop request that a test plays. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/config/routed_output.h"
#include "sink/files.h"
#include "sink/sink.h"
#include "tests/sink/fake_output.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {

class TickedClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = Time{} + std::chrono::hours(1);
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
    header.pipeline = pipeline;
    header.sink = sink;
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
  std::string pipeline;
  std::string sink = "s1";
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
    sink.emplace(SinkParts{.pipeline = {},
                           .name = "s1",
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

  void ask_to_stop(Duration within = std::chrono::seconds(5)) {
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
      clock.time += std::max<Duration>(sink->idle(), std::chrono::milliseconds(200));
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

}  // namespace docmill::test

// A transformer with links in memory and workers that a test calls, in the test's thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/protocol/payload.h"
#include "shared/protocol/records.h"
#include "tests/support/catch.h"
#include "transformer/transformer.h"

namespace docmill::test {

class TickedClock final : public Clock {
 public:
  Time now() const override { return time; }
  Time time = Time{} + std::chrono::hours(1);
};

class KeptLines final : public Log {
 public:
  void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
  std::vector<std::string> lines;
};

class AskedToStop final : public StopRequest {
 public:
  int stops() override { return count; }
  std::optional<Time> deadline() const override { return until; }
  bool reloading() const override { return reload; }
  int count = 0;
  std::optional<Time> until;
  bool reload = false;
};

// Without keys: believes every message but those of the forger.
class TrustingSecurity final : public Security {
 public:
  std::optional<CurveServer> door(Door) override { return {}; }
  Result<std::optional<CurveClient>> way_to(const std::string&) const override {
    return std::optional<CurveClient>();
  }
  bool is_from(const Frame&, Role, std::string_view name, std::string_view) override {
    return name != forger;
  }
  std::uint64_t refused() const override { return 0; }
  std::uint64_t forged() const override { return 0; }
  std::string forger;
};

class QueuedMessages final : public PullLink {
 public:
  bool receive(std::vector<Frame>& message) override {
    if (waiting.empty()) return false;
    message.clear();
    for (const std::string& frame : waiting.front()) message.push_back(Frame::copy(frame));
    waiting.pop_front();
    return true;
  }
  std::deque<std::vector<std::string>> waiting;
};

class KeptMessages final : public PushLink {
 public:
  bool send(std::span<Frame> message, Time) override {
    if (refuses || closed) return false;
    std::vector<std::string> frames;
    for (Frame& frame : message) frames.emplace_back(frame.bytes());
    for (Frame& frame : message) frame = Frame();
    sent.push_back(std::move(frames));
    return true;
  }
  bool connected() override { return is_connected; }
  void close(Duration linger) override { closed = linger; }

  bool refuses = false;
  bool is_connected = true;
  std::vector<std::vector<std::string>> sent;
  std::optional<Duration> closed;  // the linger
};

struct TransformerFixture {
  explicit TransformerFixture(std::uint32_t workers = 1) {
    for (const char* name : {"p1", "p2"}) config.network.producers[name] = {};
    for (const char* name : {"s1", "s2"}) config.network.sinks[name] = {};
    config.pipeline = "books";
    config.transformer.workers = workers;
    auto parts = TransformerParts::open(config, *define_processors(config), log,
                                        {"t1", 77, "ipc://t1", workers}, [this] { ++wakes; });
    REQUIRE(parts.ok());
    revision = parts->revision;
    transformer.emplace(std::move(*parts), TransformerLinks{documents,
                                                            {{"s1", &s1}, {"s2", &s2}},
                                                            {{"p1", &p1}, {"p2", &p2}},
                                                            security,
                                                            stop,
                                                            clock,
                                                            log});
  }

  BatchHeader header(Sequence sequence, const std::string& sink) const {
    BatchHeader header;
    header.pipeline = "books";
    header.member = 77;
    header.lineage = {"p1", 7};
    header.run = {1, 1};
    header.sequence = sequence;
    header.attempt = 1;
    header.documents = 1;
    header.share = {{0, 1}};
    header.sinks = {sink};
    header.ledgers.resize(1);
    header.processors = revision;
    header.origin_hash = sequence;
    return header;
  }
  // A batch of one document arrives.
  void arrives(Sequence sequence, const std::string& sink, const std::string& bytes = "text") {
    PayloadWriter payload;
    payload.document(0, {Format::kBytes, bytes, {.source = "a", .record = 1}});
    arrives(header(sequence, sink), payload.take());
  }
  void arrives(const BatchHeader& header, const std::string& payload) {
    documents.waiting.push_back({encode(header, payload), payload});
  }
  // The answer of a producer to a member that drains.
  void end_arrives(const std::string& producer) {
    BatchHeader end = header(0, "s1");
    end.kind = MessageKind::kEnd;
    end.lineage.producer = producer;
    end.share.clear();
    end.documents = 0;
    arrives(end, "");
  }

  // One step, after the time that the transformer has nothing to do. False: it has ended.
  bool turn() {
    clock.time += transformer->idle();
    const auto goes_on = transformer->step();
    REQUIRE(goes_on.ok());
    return *goes_on;
  }
  void turns(Duration duration) {
    for (const Time end = clock.time + duration; clock.time < end;) REQUIRE(turn());
  }
  // The time until it ends, if it does within the patience.
  std::optional<Duration> ends_after(Duration patience) {
    const Time begun = clock.time;
    while (clock.time < begun + patience) {
      if (!turn()) return clock.time - begun;
    }
    return std::nullopt;
  }
  Worker& worker(std::size_t number = 0) { return *transformer->workers()[number]; }
  Job begin(std::size_t number = 0) {
    auto job = transformer->jobs().try_take();
    REQUIRE(job.has_value());
    worker(number).begin(*job);
    return std::move(*job);
  }
  // A worker processes all that waits.
  void work() {
    while (auto job = transformer->jobs().try_take()) {
      worker().begin(*job);
      worker().finish(*job);
    }
  }
  void ask_to_stop(Duration within = std::chrono::seconds(5)) {
    ++stop.count;
    if (!stop.until) stop.until = clock.time + within;
  }

  static std::vector<Sequence> sequences(const KeptMessages& sink) {
    std::vector<Sequence> sequences;
    for (const auto& message : sink.sent) {
      const auto decoded = decode_header(message.at(0), message.at(1));
      REQUIRE(decoded.ok());
      sequences.push_back(decoded->sequence);
    }
    return sequences;
  }
  static std::vector<Heartbeat> heartbeats(const KeptMessages& producer) {
    std::vector<Heartbeat> heartbeats;
    for (const auto& message : producer.sent) {
      auto record = decode_control(message.at(0));
      REQUIRE(record.ok());
      heartbeats.push_back(std::get<Heartbeat>(std::move(record->record)));
    }
    return heartbeats;
  }
  // What the heartbeats to a producer said, all together.
  static std::vector<Heartbeat::Returned> returned(const KeptMessages& producer) {
    std::vector<Heartbeat::Returned> all;
    for (const Heartbeat& heartbeat : heartbeats(producer)) {
      all.insert(all.end(), heartbeat.returned.begin(), heartbeat.returned.end());
    }
    return all;
  }

  PipelineConfig config;
  TickedClock clock;
  KeptLines log;
  AskedToStop stop;
  TrustingSecurity security;
  QueuedMessages documents;
  KeptMessages s1, s2, p1, p2;
  std::uint64_t wakes = 0;
  std::uint64_t revision = 0;
  std::optional<Transformer> transformer;
};

}  // namespace docmill::test

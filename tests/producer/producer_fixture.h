// A Producer on a simulated disk, with a source, members, a sink and signals that a test plays. One
// thread; time passes only when a test says so.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "producer/producer.h"
#include "producer/source_text.h"
#include "shared/config/schema.h"
#include "tests/producer/source_fixture.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill::test {

// What a source that a test plays has to give.
struct Script {
  std::deque<std::string> documents;
  bool ends = false;           // when it has given them; otherwise it is idle then
  bool has_no_room = false;    // reading fails as a full disk does
  std::string settled;         // what it was told last
  bool cannot_settle = false;  // it lacks a resource to deal with what is settled
  int owed = 0;                // calls of serve() that it needs after the end
};

class ScriptedSource final : public Source {
 public:
  explicit ScriptedSource(Script& script) : script_(script) {}

  Result<Next> peek() override {
    if (script_.has_no_room) return unavailable("scripted: no room");
    Next next;
    if (!caught_up_) {
      next.state = State::kCaughtUp;
    } else if (!script_.documents.empty()) {
      next.state = State::kDocument;
      next.document.format = Format::kText;
      next.document.bytes = script_.documents.front();
    } else {
      next.state = script_.ends ? State::kEnded : State::kIdle;
    }
    return next;
  }
  void take() override {
    if (!std::exchange(caught_up_, true)) return;
    script_.documents.pop_front();
    ++taken_;
  }
  std::string position() const override { return fmt::format("scripted {}", taken_); }
  Result<void> settled(const std::string& position) override {
    if (script_.cannot_settle) return unavailable("scripted: no room to settle");
    script_.settled = position;
    return {};
  }
  Result<void> serve() override {
    if (script_.ends && script_.owed > 0) --script_.owed;
    return {};
  }
  bool owes() const override { return script_.owed > 0; }
  int fd() const override { return 77; }

 private:
  Script& script_;
  bool caught_up_ = false;
  std::uint64_t taken_ = 0;
};

struct NoSettings {};
inline SourceComponent scripted_source(Script& script) {
  return {
      .schema = Schema<NoSettings>("scripted", "Give what a test says."),
      .open = [&script](const std::any&, const SourceContext&) -> Result<std::unique_ptr<Source>> {
        return std::unique_ptr<Source>(std::make_unique<ScriptedSource>(script));
      },
      .kind = [](const std::any&, const std::string&) { return std::string("scripted "); }};
}

// A member's end of the link to it.
struct Inbox {
  std::vector<BatchHeader> batches;
  std::size_t ends = 0;            // END messages
  bool full = false;               // takes nothing
  std::optional<Duration> linger;  // of close()
};

class InboxLink final : public PushLink {
 public:
  explicit InboxLink(Inbox& inbox) : inbox_(inbox) {}
  bool send(std::span<Frame> message, Time) override {
    if (inbox_.full) return false;
    auto header = decode_header(message[0].bytes(), message[1].bytes());
    REQUIRE(header.ok());
    if (header->kind == MessageKind::kEnd) ++inbox_.ends;
    if (header->kind == MessageKind::kBatch) inbox_.batches.push_back(std::move(*header));
    for (Frame& frame : message) frame = Frame();
    return true;
  }
  bool connected() override { return true; }
  void close(Duration linger) override { inbox_.linger = linger; }

 private:
  Inbox& inbox_;
};

class Inboxes final : public MemberConnector {
 public:
  Result<std::unique_ptr<PushLink>> connect(const std::string& address,
                                            const std::string& name) override {
    ++attempts;
    if (out_of_descriptors) return unavailable("too many open files");
    if (name == unreachable) return config_error(name + " gets nothing");
    return std::unique_ptr<PushLink>(std::make_unique<InboxLink>(inboxes[address]));
  }
  std::map<std::string, Inbox> inboxes;  // by address
  std::string unreachable;               // the name of a member
  bool out_of_descriptors = false;
  std::size_t attempts = 0;
};

class MessageQueue final : public PullLink {
 public:
  bool receive(std::vector<Frame>& message) override {
    if (messages.empty() && !is_flooded) return false;
    message.clear();
    message.push_back(Frame::copy(messages.empty() ? "garbage" : messages.front()));
    if (!messages.empty()) messages.pop_front();
    return true;
  }
  std::deque<std::string> messages;
  bool is_flooded = false;  // with messages that are dropped
};

class OneForger final : public Security {
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

class PlayedRequest final : public StopRequest {
 public:
  int stops() override { return asked; }
  std::optional<Time> deadline() const override { return until; }
  bool reloading() const override { return reload; }
  int asked = 0;
  bool reload = false;
  std::optional<Time> until;
};

class ProducerFixture {
 public:
  ProducerFixture() {
    clock.time += std::chrono::hours(1);
    disk.fault = [this](const DiskOperation& operation) {
      return disk_is_full && operation.call == DiskCall::kWrite ? ENOSPC : 0;
    };
    open();
  }

  void open() {
    producer.reset();
    folder_.reset();
    auto folder = StateFolder::open(disk, "state", "p1");
    REQUIRE(folder.ok());
    folder_.emplace(std::move(*folder));
    auto opened = ProducerStore::open(*folder_, {.epoch = 5, .nonce = 9});
    REQUIRE(opened.ok());
    ProducerParts parts{};
    parts.store = std::make_unique<ProducerStore>(std::move(*opened));
    auto state = parts.store->state();
    REQUIRE(state.ok());
    parts.state = std::move(*state);
    parts.catalog = std::make_unique<StoreCatalog>(*parts.store);
    parts.raw = std::make_unique<RawCounters>();
    parts.inputs = std::make_unique<InputCounters>();
    parts.shutdown_timeout = kShutdown;
    auto reader = BatchReader::open(parts.state, plan(), {scripted_source(script)},
                                    {.producer = "p1",
                                     .position = {},
                                     .limits = {},
                                     .xml = {},
                                     .catalog = *parts.catalog,
                                     .clock = clock,
                                     .log = log,
                                     .disk = &disk});
    REQUIRE(reader.ok());
    parts.reader = std::move(*reader);
    run_ = parts.state.run;
    producer = std::make_unique<Producer>(
        std::move(parts), ProducerLinks{control, members, security, request, clock, log});
  }

  // A step that goes on.
  void step() {
    const auto goes_on = producer->step();
    INFO((goes_on ? "" : goes_on.error().text));
    REQUIRE(goes_on.ok());
    REQUIRE(*goes_on);
  }
  // Steps for so long, as the daemon makes them when nothing wakes it.
  void run_for(Duration duration) {
    for (const Time end = clock.time + duration; clock.time < end;) {
      step();
      clock.time += std::clamp(producer->idle(), Duration(std::chrono::milliseconds(1)), duration);
    }
  }
  // Steps until it ends.
  Result<bool> run_to_end() {
    for (int steps = 0; steps < 5000; ++steps) {
      const auto goes_on = producer->step();
      if (!goes_on || !*goes_on) return goes_on;
      clock.time += std::max(producer->idle(), Duration(std::chrono::milliseconds(1)));
    }
    return corrupt("it does not end");
  }

  void hear(const std::string& member, const Addressee& to = {"", "p1"}) {
    Heartbeat heartbeat;
    heartbeat.member = member;
    heartbeat.incarnation = 1;
    heartbeat.address = "tcp://" + member;
    heartbeat.run = run_;
    control.messages.push_back(encode(heartbeat, to));
  }
  Inbox& inbox(const std::string& member) { return members.inboxes["tcp://" + member]; }
  // The sink says that all of them are delivered.
  void acknowledge(const std::vector<BatchHeader>& batches, const Addressee& to = {"", "p1"}) {
    for (const BatchHeader& batch : batches) {
      Ack ack{"s1", {9, {4, 1}, 1}, batch.lineage, batch.run, {}};
      ack.entries.push_back({batch.sequence,
                             batch.attempt,
                             batch.origin_hash,
                             {{0, batch.documents, Outcome::kDelivered}}});
      control.messages.push_back(encode(ack, to));
    }
  }
  void ask_to_stop(bool reload = false) {
    ++request.asked;
    request.reload = reload;
    if (!request.until) request.until = clock.time + kShutdown;
  }
  std::size_t lines_with(std::string_view text) const {
    return static_cast<std::size_t>(
        std::count_if(log.lines.begin(), log.lines.end(),
                      [&](const std::string& line) { return line.find(text) != line.npos; }));
  }

  static constexpr Duration kShutdown = std::chrono::seconds(30);

  DiskModel files;
  SimulatedDisk disk{files};
  bool disk_is_full = false;
  TickClock clock;
  KeptLog log;
  Script script;
  MessageQueue control;
  Inboxes members;
  OneForger security;
  PlayedRequest request;
  std::unique_ptr<Producer> producer;

 private:
  Plan plan() {
    PipelineConfig config;
    const auto chosen = parse_component(
        "scripted: {}", component_set("source", std::vector{scripted_source(script)}));
    REQUIRE(chosen.ok());
    config.producer.source = *chosen;
    Plan plan;
    plan.limits.documents = 2;
    plan.sinks = {"s1"};
    plan.processors = 5;
    plan.definition = "none";
    plan.source_text = source_text(config);
    return plan;
  }

  std::optional<StateFolder> folder_;
  Run run_;
};

}  // namespace docmill::test

#include "producer/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "producer/producer_settings.h"
#include "producer/sink_decisions.h"
#include "shared/runtime/links.h"
#include "shared/runtime/processor_definition.h"

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr Duration kSourceIdle = std::chrono::milliseconds(5);
// After this long, an idle source is asked once per tick.
constexpr Duration kLongIdle = std::chrono::seconds(1);
// How long an orderly end takes without transformers to process what is in flight.
constexpr Duration kLeavePatienceAlone = std::chrono::seconds(1);
// The last part of shutdown_timeout, for farewells.
constexpr Duration kFarewell = std::chrono::milliseconds(500);
// Signals, timers and the source wait for no more than this many messages.
constexpr int kMaxControlPerTurn = 4096;

}  // namespace

Result<std::unique_ptr<Producer>> Producer::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto folder = StateFolder::open(daemon.disk(), config.state, daemon.name());
  if (!folder) return folder.error();
  if (auto ours = folder->belong_to(config.pipeline); !ours) return ours.error();
  auto opened = ProducerStore::open(*folder);
  if (!opened) return opened.error();
  auto store = std::make_unique<ProducerStore>(std::move(*opened));
  auto state = store->state();
  if (!state) return state.error();
  const auto definition = define_processors(config);
  if (!definition) return definition.error();
  const Plan plan = plan_of(config, *definition);
  if (auto taken = take_over_sink_decisions(daemon, *folder, *store, *state, plan.sinks); !taken) {
    return taken.error();
  }
  auto catalog = std::make_unique<StoreCatalog>(*store);
  auto control =
      PullSocket::bind(daemon.context(), config.network.producers.at(daemon.name()).address,
                       control_link(), daemon.security().door(Door::kControl));
  if (!control) return control.error();
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "producer");
  if (!telemetry) return telemetry.error();
  auto raw = std::make_unique<RawCounters>();
  auto inputs = std::make_unique<InputCounters>();
  auto reader = BatchReader::open(*state, plan,
                                  {daemon.name(),
                                   {},
                                   config.limits,
                                   config.xml,
                                   *catalog,
                                   daemon.clock(),
                                   daemon.log(),
                                   state->lineage.epoch,
                                   folder->path(),
                                   &daemon.context(),
                                   raw.get(),
                                   inputs.get(),
                                   &daemon.disk()});
  if (!reader) return reader.error();
  // What cannot be done about it right now is done later.
  auto told = (*reader)->settled(state->checkpoint.position);
  if (!told && told.error().code != ErrorCode::kUnavailable) return told.error();
  Parts parts{std::move(*folder), std::move(store),   std::move(catalog),  std::move(raw),
              std::move(inputs),  std::move(*reader), std::move(*control), std::move(*telemetry)};
  return std::unique_ptr<Producer>(new Producer(daemon, std::move(parts), std::move(*state)));
}

Producer::Producer(Daemon& daemon, Parts parts, ProducerState state)
    : daemon_(daemon),
      parts_(std::move(parts)),
      core_(settings_of(daemon.config()), std::move(state)),
      links_(daemon.context(), daemon.config().limits, daemon.security(), daemon.log()),
      draining_(daemon.config().network.producers.at(daemon.name()).state == PeerState::kDraining) {
  const ProducerState& known = core_.state();
  daemon_.log().info(
      "run {} of epoch {:016x}; {} documents are settled, reading goes on at batch {}",
      known.run.counter, known.lineage.epoch, known.checkpoint.totals.documents(),
      known.checkpoint.sequence + 1);
  if (draining_) {
    daemon_.log().info("draining: what was begun is finished, and nothing more is read");
  }
}

Result<void> Producer::run() {
  while (!finished_) {
    wait();
    const bool has_heard_all = receive_control();
    const Time now = daemon_.clock().now();
    if (has_heard_all && now >= next_tick_) {
      next_tick_ = now + kTick;
      core_.on_tick(now);
    }
    links_.flush(now);
    if (auto done = perform_actions(); !done) return done;
    if (!stopping_ && daemon_.stops() > 0) {
      stopping_ = true;
      daemon_.log().info("stopping; {} documents in flight are finished first",
                         core_.in_flight_documents());
      parts_.reader->drain();
      core_.finish(now);
    }
    if (stopping_ && must_leave()) break;
    if (auto done = read(); !done) return done;
    if (auto done = perform_actions(); !done) return done;
    report();
  }
  const Time end = daemon_.clock().now();
  const Time deadline = daemon_.deadline().value_or(end + daemon_.config().shutdown_timeout);
  links_.close_all(
      end, daemon_.stops() > 1 ? Duration::zero() : std::max(deadline - end, Duration::zero()));
  report();
  const Totals& totals = core_.counters().settled;
  daemon_.log().info("{}; {} documents settled: {} delivered, {} filtered, {} dead; {} in flight",
                     finished_ && !stopping_ ? "done" : "stopped", totals.documents(),
                     totals.delivered, totals.filtered, totals.dead, core_.in_flight_documents());
  return finished_ && !stopping_ ? unread_input(*parts_.inputs) : Result<void>();
}

void Producer::wait() {
  poller_.clear();
  const Time now = daemon_.clock().now();
  const bool idle = progress_ == BatchReader::Progress::kIdle;
  if (!idle) idle_since_ = now;
  // With nothing in flight only heartbeats come, and they are not worth a turn each.
  if (!idle || stopping_ || core_.in_flight() > 0) poller_.readable(parts_.control);
  poller_.readable(daemon_.signals());
  const bool rests = now < next_read_;
  if (parts_.reader->fd() >= 0 && !stopping_ && !rests) poller_.readable(parts_.reader->fd());
  const bool reading =
      !stopping_ && !rests && core_.wants_batch() && progress_ != BatchReader::Progress::kEnded;
  const bool rarely = !reading || now - idle_since_ >= kLongIdle;
  poller_.wait(rarely ? kTick : idle ? kSourceIdle : Duration::zero());
}

bool Producer::receive_control() {
  for (int i = 0; i < kMaxControlPerTurn; ++i) {
    if (!parts_.control.receive(message_)) return true;
    take(message_.front());
  }
  return false;
}

bool Producer::is_genuine(const Frame& frame, const ControlRecord& record) {
  Security& security = daemon_.security();
  if (const auto* heartbeat = std::get_if<Heartbeat>(&record)) {
    return security.is_from(frame, Role::kTransformer, heartbeat->member, "a heartbeat of");
  }
  if (const auto* refusal = std::get_if<Refusal>(&record)) {
    return security.is_from(frame, Role::kSink, refusal->sink, "a refusal of");
  }
  return security.is_from(frame, Role::kSink, std::get<Ack>(record).sink, "an ack of");
}

void Producer::take(const Frame& frame) {
  const Time now = daemon_.clock().now();
  auto record = decode_control(frame.bytes());
  if (!record) {
    if (malformed_++ == 0)
      daemon_.log().warn("a control message was dropped: {}", record.error().text);
    return;
  }
  if (!is_genuine(frame, *record)) return;
  if (const auto* ack = std::get_if<Ack>(&*record)) core_.on_ack(*ack, now);
  if (const auto* refusal = std::get_if<Refusal>(&*record)) core_.on_refusal(*refusal);
  if (const auto* heartbeat = std::get_if<Heartbeat>(&*record)) {
    core_.on_heartbeat(*heartbeat, now);
  }
}

Result<void> Producer::read() {
  if (daemon_.clock().now() < next_read_) return {};
  const auto done = read_batches();
  if (done || rests_after(done.error())) return {};
  return done;
}

bool Producer::rests_after(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  daemon_.log().warn("{}; retry in {}", error.text, to_string(kRetryFullDisk));
  next_read_ = daemon_.clock().now() + kRetryFullDisk;
  return true;
}

Result<void> Producer::read_batches() {
  if (!stopping_) {
    if (auto served = parts_.reader->serve(); !served) return served;
  }
  if (stopping_ || progress_ == BatchReader::Progress::kEnded || !core_.wants_batch()) return {};
  if (draining_ && !parts_.reader->drain() && !parts_.reader->repeats()) {
    progress_ = BatchReader::Progress::kEnded;
    core_.finish(daemon_.clock().now());
    return {};
  }
  std::vector<Batch> batches;
  auto progress = parts_.reader->step(batches);
  const Time now = daemon_.clock().now();
  for (Batch& batch : batches) core_.admit(std::move(batch), parts_.reader->take_facts(), now);
  if (!progress) return progress.error();
  progress_ = *progress;
  if (progress_ == BatchReader::Progress::kEnded) core_.finish(now);
  return {};
}

Result<void> Producer::perform_actions() {
  const Time now = daemon_.clock().now();
  for (auto actions = core_.take_actions(); !actions.empty(); actions = core_.take_actions()) {
    for (const ProducerAction& action : actions) {
      if (const auto* connect = std::get_if<Connect>(&action)) links_.connect(*connect);
      if (const auto* send = std::get_if<Send>(&action)) links_.send(*send, now);
      if (const auto* disconnect = std::get_if<Disconnect>(&action)) {
        links_.disconnect(*disconnect, now);
      }
      if (const auto* say = std::get_if<Say>(&action)) daemon_.log().write(say->level, say->text);
      if (const auto* fatal = std::get_if<Fatal>(&action)) return fatal->error;
      if (std::holds_alternative<Finished>(action)) finished_ = true;
      if (const auto* commit = std::get_if<Commit>(&action)) {
        if (auto done = perform(*commit); !done) return done;
      }
    }
  }
  return {};
}

Result<void> Producer::perform(const Commit& commit) {
  for (;;) {
    auto committed = parts_.store->commit(commit.facts);
    if (committed) break;
    if (committed.error().code != ErrorCode::kUnavailable) return committed;
    daemon_.log().warn("{}; retry in {}", committed.error().text, to_string(kRetryFullDisk));
    report();
    poller_.clear();
    poller_.readable(daemon_.signals());
    poller_.wait(kRetryFullDisk);
    if (daemon_.stops() > 0 && !daemon_.reloading()) return committed;
  }
  core_.on_committed(commit.ticket, daemon_.clock().now());
  return commit.facts.checkpoint ? tell_settled(commit.facts.checkpoint->position) : Result<void>();
}

// The source keeps in mind what it could not do about it, and does it when it is served.
Result<void> Producer::tell_settled(const std::string& position) {
  const auto told = parts_.reader->settled(position);
  if (told || rests_after(told.error())) return {};
  return told;
}

bool Producer::must_leave() {
  const Time now = daemon_.clock().now();
  if (!leave_by_) {
    leave_by_ = *daemon_.deadline() - std::min(kFarewell, daemon_.config().shutdown_timeout / 2);
  }
  if (core_.ready_members() == 0) leave_by_ = std::min(*leave_by_, now + kLeavePatienceAlone);
  return daemon_.stops() > 1 || now >= *leave_by_;
}

void Producer::report() {
  const Time now = daemon_.clock().now();
  if (!finished_ && !parts_.telemetry.due(now)) return;
  const ProducerCounters& counters = core_.counters();
  const Totals& settled = counters.settled;
  const std::uint64_t in_flight = core_.in_flight_documents();
  const std::array gauges = {
      Gauge{"read", settled.documents() + in_flight},
      Gauge{"delivered", settled.delivered},
      Gauge{"filtered", settled.filtered},
      Gauge{"dead", settled.dead},
      Gauge{"in_flight", in_flight},
      Gauge{"window_batches", core_.in_flight()},
      Gauge{"window_bytes", core_.in_flight_bytes()},
      Gauge{"members", core_.ready_members()},
      Gauge{"sends", counters.sends},
      Gauge{"timeouts", counters.timeouts},
      Gauge{"moved", counters.moved},
      Gauge{"returned", counters.returned},
      Gauge{"deaths", counters.deaths},
      Gauge{"condemned", counters.condemned},
      Gauge{"ignored_acks", counters.ignored},
      Gauge{"malformed", malformed_},
      Gauge{"missed", parts_.raw->missed},
      Gauge{"unreadable", parts_.raw->malformed},
      Gauge{"failed_files", parts_.inputs->failed_files},
      Gauge{"forged", daemon_.security().forged()},
      Gauge{"refused_peers", daemon_.security().refused()},
      Gauge{"reloads", daemon_.reloads()},
      Gauge{"refused_reloads", daemon_.refused_reloads()},
      Gauge{"ended", progress_ == BatchReader::Progress::kEnded ? 1U : 0U},
  };
  parts_.telemetry.publish(gauges, now);
}

}  // namespace docmill

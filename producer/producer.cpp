#include "producer/producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(20);
constexpr Duration kSourceIdle = std::chrono::milliseconds(5);
// After this long, an idle source is asked once per tick, and more rarely when it wakes the loop
// and nothing is in flight.
constexpr Duration kLongIdle = std::chrono::seconds(1);
constexpr Duration kIdleTick = std::chrono::milliseconds(50);
// How long an orderly end takes without transformers to process what is in flight.
constexpr Duration kLeavePatienceAlone = std::chrono::seconds(1);
// Longest time for messages that have arrived and that nobody would send again.
constexpr Duration kRest = std::chrono::seconds(1);
// The last part of shutdown_timeout, for farewells.
constexpr Duration kFarewell = std::chrono::milliseconds(500);
// Signals, timers and the source wait for no more than this many messages.
constexpr int kMaxControlPerTurn = 4096;
// Timers wait no longer for the end of what comes.
constexpr Duration kFlood = std::chrono::seconds(1);

}  // namespace

Producer::Producer(ProducerParts parts, const ProducerLinks& links)
    : parts_(std::move(parts)),
      links_(links),
      control_(links.control, Backlog::Keep::kNewest),
      recipient_(parts_.settings.pipeline, parts_.state.lineage.producer, links.log),
      core_(parts_.settings, std::move(parts_.state)),
      members_(links.members, links.log) {
  idle_since_ = links_.clock.now();
  parts_.store->restore_reserve(idle_since_);
  const ProducerState& known = core_.state();
  links_.log.info("run {} of epoch {:016x}; {} documents are settled, reading goes on at batch {}",
                  known.run.counter, known.lineage.epoch, known.checkpoint.totals.documents(),
                  known.checkpoint.sequence + 1);
  if (parts_.draining) {
    links_.log.info("draining: what was begun or claimed is finished, and nothing more is read");
  }
}

Result<bool> Producer::step() {
  const int stops = links_.stop.stops();
  const bool asked_again = stops > seen_stops_;
  seen_stops_ = stops;
  if (full_disk_) {
    if (stops > 0 && !links_.stop.reloading()) return full_disk_->error;
    control_.relieve(links_.clock.now());
    if (!asked_again && links_.clock.now() < full_disk_->retry_at) return true;
  } else {
    hear();
  }
  const auto performed = perform_actions();
  if (!performed) return performed.error();
  if (!*performed) return true;
  // After the room of settled documents was given back, and before anything else is taken in.
  parts_.store->restore_reserve(links_.clock.now());
  if (stops > 0 && !stopping_) begin_stop();
  if (stopping_ && must_leave()) return end();
  if (auto done = read(); !done) return done.error();
  if (const auto done = perform_actions(); !done) return done.error();
  return finished() || (finished_ && stopping_) ? end() : true;
}

void Producer::begin_stop() {
  stopping_ = true;
  links_.log.info("stopping; {} documents in flight are finished first",
                  core_.in_flight_documents());
  parts_.reader->drain();
  core_.finish(links_.clock.now());
}

Result<bool> Producer::end() {
  if (auto taken = take_rest(); !taken) return taken.error();
  const Time now = links_.clock.now();
  members_.close_all(now, farewell_time(now));
  const Totals& totals = core_.counters().settled;
  links_.log.info("{}; {} documents settled: {} delivered, {} filtered, {} dead; {} in flight",
                  finished_ && !stopping_ && !parts_.reader->failure() ? "done" : "stopped",
                  totals.documents(), totals.delivered, totals.filtered, totals.dead,
                  core_.in_flight_documents());
  if (!finished_ || stopping_) return false;
  if (const auto& failure = parts_.reader->failure()) return *failure;
  const auto all = unread_input(*parts_.inputs);
  return all ? Result<bool>(false) : all.error();
}

// A retired producer would never send them.
Result<void> Producer::take_rest() {
  if (!stopping_ || seen_stops_ > 1 || parts_.draining) return {};
  const Duration left = farewell_time(links_.clock.now());
  const auto taken = parts_.reader->take_rest(links_.clock.now() + std::min(kRest, left / 2));
  return taken || taken.error().code == ErrorCode::kUnavailable ? Result<void>() : taken;
}

// The process ends when its links have nothing to send any more, so nothing may take longer than a
// stop that is asked for right now.
Duration Producer::farewell_time(Time now) const {
  if (seen_stops_ > 1) return Duration::zero();
  const Time deadline = links_.stop.deadline().value_or(now + parts_.shutdown_timeout);
  return std::max(deadline - now, Duration::zero());
}

bool Producer::reads() const {
  return !stopping_ && links_.clock.now() >= next_read_ && core_.wants_batch() &&
         progress_ != Progress::kEnded;
}

Duration Producer::idle() const {
  if (full_disk_) return std::max(full_disk_->retry_at - links_.clock.now(), Duration::zero());
  const bool clears_away = finished_ && parts_.reader->owes() && links_.clock.now() >= next_read_;
  if (clears_away) return Duration::zero();
  if (!reads()) return kTick;
  if (progress_ != Progress::kIdle) return Duration::zero();
  if (links_.clock.now() - idle_since_ < kLongIdle) return kSourceIdle;
  return source_fd() >= 0 && core_.in_flight() == 0 ? kIdleTick : kTick;
}

bool Producer::listens() const {
  if (full_disk_) return false;
  // With nothing in flight only heartbeats come, and they are not worth a turn each.
  return progress_ != Progress::kIdle || stopping_ || core_.in_flight() > 0;
}

int Producer::source_fd() const {
  const bool rests = full_disk_ || stopping_ || links_.clock.now() < next_read_;
  return rests ? -1 : parts_.reader->fd();
}

void Producer::hear() {
  const bool has_heard_all = receive_control();
  const Time now = links_.clock.now();
  const bool listened = has_listened(has_heard_all, now);
  if (listened && now >= next_tick_) {
    next_tick_ = now + kTick;
    core_.on_tick(now);
  }
  members_.flush(now);
}

// Without all that has come, members would count as silent that are not. A flood ends that wait:
// messages of all peers are received in turn, so within that time each was heard.
bool Producer::has_listened(bool has_heard_all, Time now) {
  if (has_heard_all) {
    flooded_since_.reset();
    return true;
  }
  if (!flooded_since_) flooded_since_ = now;
  return now - *flooded_since_ >= kFlood;
}

bool Producer::receive_control() {
  for (int i = 0; i < kMaxControlPerTurn; ++i) {
    if (!control_.receive(message_, links_.clock.now())) return true;
    take(message_.front());
  }
  return false;
}

bool Producer::is_genuine(const Frame& frame, const ControlRecord& record) {
  if (const auto* heartbeat = std::get_if<Heartbeat>(&record)) {
    return links_.security.is_from(frame, Role::kTransformer, heartbeat->member, "a heartbeat of");
  }
  if (const auto* refusal = std::get_if<Refusal>(&record)) {
    return links_.security.is_from(frame, Role::kSink, refusal->sink, "a refusal of");
  }
  return links_.security.is_from(frame, Role::kSink, std::get<Ack>(record).sink, "an ack of");
}

void Producer::take(const Frame& frame) {
  const Time now = links_.clock.now();
  const auto message = decode_control(frame.bytes());
  if (!message) {
    if (malformed_++ == 0)
      links_.log.warn("a control message was dropped: {}", message.error().text);
    return;
  }
  const ControlRecord& record = message->record;
  if (!recipient_.takes(*message, now) || !is_genuine(frame, record)) return;
  if (const auto* ack = std::get_if<Ack>(&record)) core_.on_ack(*ack, now);
  if (const auto* refusal = std::get_if<Refusal>(&record)) core_.on_refusal(*refusal);
  if (const auto* heartbeat = std::get_if<Heartbeat>(&record)) {
    core_.on_heartbeat(*heartbeat, now);
  }
}

Result<void> Producer::read() {
  if (links_.clock.now() < next_read_) return {};
  if (const auto owed = owed_; owed && !stopping_) {
    auto told = tell_settled(*owed);
    if (!told || owed_) return told;
  }
  auto done = read_batches();
  if (done || rests_after(done.error())) return {};
  return done;
}

bool Producer::rests_after(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  log_retry(error);
  next_read_ = links_.clock.now() + kRetryFullDisk;
  return true;
}

Result<void> Producer::read_batches() {
  if (!stopping_) {
    if (auto served = parts_.reader->serve(); !served) return served;
  }
  if (stopping_ || progress_ == Progress::kEnded || !core_.wants_batch()) return {};
  if (parts_.draining && !parts_.reader->drain() && !parts_.reader->repeats()) {
    progress_ = Progress::kEnded;
    core_.finish(links_.clock.now());
    return {};
  }
  std::vector<Batch> batches;
  auto progress = parts_.reader->step(batches);
  const Time now = links_.clock.now();
  for (Batch& batch : batches) core_.admit(std::move(batch), parts_.reader->take_facts(), now);
  if (!progress) return progress.error();
  if (*progress != Progress::kIdle) idle_since_ = now;
  progress_ = *progress;
  if (progress_ != Progress::kEnded) return {};
  if (parts_.reader->failure()) {
    links_.log.error("{}; what was read before is settled, then this producer ends",
                     parts_.reader->failure()->text);
  }
  core_.finish(now);
  return {};
}

bool Producer::must_leave() {
  const Time now = links_.clock.now();
  if (!leave_by_) {
    leave_by_ = *links_.stop.deadline() - std::min(kFarewell, parts_.shutdown_timeout / 2);
  }
  if (core_.ready_members() == 0) leave_by_ = std::min(*leave_by_, now + kLeavePatienceAlone);
  return seen_stops_ > 1 || now >= *leave_by_;
}

Producer::Counters Producer::counters() const {
  return {.core = core_.counters(),
          .in_flight = core_.in_flight_documents(),
          .window_batches = core_.in_flight(),
          .window_bytes = core_.in_flight_bytes(),
          .members = core_.ready_members(),
          .malformed = malformed_,
          .misrouted = recipient_.misrouted(),
          .missed = parts_.raw->missed,
          .unreadable = parts_.raw->malformed,
          .failed_files = parts_.inputs->failed_files,
          .ended = progress_ == Progress::kEnded};
}

}  // namespace docmill

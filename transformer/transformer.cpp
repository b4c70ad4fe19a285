#include "transformer/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace docmill {
namespace {

// How often the progress of the workers is looked at.
constexpr Duration kWatch = std::chrono::milliseconds(250);
// A producer that is connected answers a member that drains, unless it is stopped or hangs.
constexpr Duration kAnswerPatience = std::chrono::seconds(1);
// Nothing arrives any more of a producer that is not connected.
constexpr Duration kRest = std::chrono::milliseconds(20);
// The last part of shutdown_timeout, for farewells.
constexpr Duration kFarewell = std::chrono::milliseconds(300);
// The last word to a producer, which may be gone already.
constexpr Duration kProducerLinger = std::chrono::milliseconds(200);
// For outputs that a sink was given and has not taken. A sink that is gone takes none, and what is
// lost is sent again by the producer.
constexpr Duration kSinkLinger = std::chrono::seconds(1);
constexpr Duration kEndsWithin = std::chrono::milliseconds(5);

MemberCore member_of(const TransformerParts& parts, const TransformerLinks& links) {
  std::vector<std::string> producers;
  std::set<std::string> sinks;
  for (const auto& [producer, link] : links.producers) producers.push_back(producer);
  for (const auto& [sink, link] : links.sinks) sinks.insert(sink);
  return {parts.self, std::move(producers), std::move(sinks)};
}

}  // namespace

Transformer::Transformer(TransformerParts parts, const TransformerLinks& links)
    : parts_(std::move(parts)),
      links_(links),
      recipient_(parts_.shop->config.pipeline, parts_.self.name, links_.log,
                 parts_.self.incarnation),
      member_(member_of(parts_, links_)),
      outboxes_(links_.sinks),
      heartbeats_(parts_.shop->config.pipeline, links_.producers, parts_.self.incarnation),
      overdue_(parts_.workers.size(), Overdue(parts_.shop->config.limits.processing)) {
  member_.define(parts_.revision);
}

Transformer::~Transformer() { parts_.shop->jobs.close(); }

Result<bool> Transformer::step() {
  if (!left_ && may_leave()) leave();
  if (left_) return !workers_have_ended();
  const Time now = links_.clock.now();
  receive();
  handle_events();
  start_lone_batch(now);
  outboxes_.flush(parts_.shop->room, now);
  heartbeats_.look(member_);
  heartbeats_.tell(member_, now);
  watch();
  return !forced_exit_;
}

Duration Transformer::idle() const {
  if (left_) return kEndsWithin;
  if (check_) return Duration::zero();
  Duration idle = std::min<Duration>(kWatch, heartbeats_.next(member_) - links_.clock.now());
  if (member_.draining() || (lone_ && !lone_->started)) idle = std::min(idle, kEndsWithin);
  return std::max(idle, Duration::zero());
}

bool Transformer::listens() const {
  return !left_ && !lone_ && !check_ && parts_.shop->jobs.size() < parts_.workers.size();
}

bool Transformer::may_leave() {
  const Time now = links_.clock.now();
  const int stops = links_.stop.stops();
  if (stops == 0) return false;
  if (!member_.draining()) drain(now);
  if (stops > 1 || now >= leave_by_) return true;
  const bool has_rested = !check_ && now - received_ >= kRest && now - draining_since_ >= kRest;
  // What a sink does not take is processed again by another transformer.
  const bool delivered = outboxes_.empty() ||
                         now - std::max(draining_since_, outboxes_.last_progress()) >= kSinkLinger;
  return delivered && member_.may_leave(has_rested, now - draining_since_ >= kAnswerPatience);
}

void Transformer::drain(Time now) {
  links_.log.info("leaving; what is here is finished first");
  member_.drain();
  draining_since_ = now;
  const Duration timeout = parts_.shop->config.shutdown_timeout;
  leave_by_ = links_.stop.deadline().value_or(now) - std::min(kFarewell, timeout / 2);
  heartbeats_.look(member_);
  heartbeats_.tell_all(member_, now);
}

void Transformer::leave() {
  left_ = true;
  if (member_.held() > 0) give_back_the_rest();
  member_.leave();
  const Time now = links_.clock.now();
  heartbeats_.tell_all(member_, now);
  heartbeats_.close(kProducerLinger);
  const Duration left = links_.stop.deadline().value_or(now) - now;
  outboxes_.close(links_.stop.stops() > 1 ? Duration::zero()
                                          : std::clamp(left, Duration::zero(), kSinkLinger));
  parts_.shop->jobs.close();
}

// Its time is over: what is not processed is for others to process.
void Transformer::give_back_the_rest() {
  parts_.shop->jobs.close();
  lone_.reset();
  handle_events();
  member_.hand_back_all(ReturnReason::kLeaving);
}

bool Transformer::workers_have_ended() {
  if (parts_.shop->jobs.in_progress() == 0) {
    links_.log.info("left");
    return true;
  }
  const Time now = links_.clock.now();
  if (links_.stop.stops() > 1 || now >= links_.stop.deadline().value_or(now)) {
    end_without_workers();
  } else {
    watch();
  }
  return forced_exit_.has_value();
}

// The batch was given back.
void Transformer::end_without_workers() {
  Worker::Current batch;
  for (const auto& worker : parts_.workers) {
    if (const auto current = worker->current()) {
      batch = *current;
      break;
    }
  }
  const std::string when = links_.stop.stops() > 1
                               ? std::string("at once, as asked")
                               : fmt::format("after {} (shutdown_timeout)",
                                             to_string(parts_.shop->config.shutdown_timeout));
  links_.log.warn("left without finishing batch {} of {} {}", batch.sequence, batch.producer, when);
  forced_exit_ = links_.stop.reloading() ? kExitOverdue : kExitOk;
}

// A thread that does not come back can only be ended with its process. That is a death like any
// other, so that producers blame the document; an orderly end would count for nothing.
void Transformer::watch() {
  const Time now = running_.at(links_.clock.now());
  for (std::size_t i = 0; i < parts_.workers.size(); ++i) {
    const WorkerProgress& progress = parts_.workers[i]->progress();
    const std::uint64_t mark = progress.mark();
    if (!overdue_[i].look(progress, now)) continue;
    const auto batch = parts_.workers[i]->current();
    if (!batch || progress.mark() != mark || !progress.busy()) continue;
    links_.log.error(
        "document {} of batch {} of {} is in transformer{}{} for more than {} (limits.processing); "
        "this transformer ends, so that the document is found",
        WorkerProgress::index_of(mark), batch->sequence, batch->producer,
        *progress.processor() == 0 ? "" : ".", progress.processor(),
        to_string(parts_.shop->config.limits.processing));
    forced_exit_ = kExitOverdue;
    return;
  }
}

Transformer::Counters Transformer::counters() const {
  Counters sum;
  sum.returned = returned_;
  sum.malformed = malformed_;
  sum.misrouted = recipient_.misrouted();
  for (const auto& worker : parts_.workers) {
    const WorkerCounters& counters = worker->counters();
    sum.batches += counters.batches;
    sum.documents += counters.documents;
    sum.bytes += counters.bytes;
    sum.lossy += counters.lossy;
  }
  return sum;
}

}  // namespace docmill

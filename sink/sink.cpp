#include "sink/sink.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sink/batch_outcomes.h"
#include "sink/incoming_batch.h"
#include "sink/spills.h"

namespace docmill {
namespace {

// A group is committed at the latest when it holds this much, or when nothing more is waiting.
constexpr std::uint64_t kLargestGroup = 16 << 20;
constexpr std::uint64_t kSmallestGroup = 1 << 20;
constexpr int kMaxMessagesPerGroup = 16'384;  // they may be empty
// Groups get smaller when a commit takes longer, or a sink could not end in time.
constexpr Duration kSlowCommit = std::chrono::milliseconds(250);
constexpr std::uint64_t kDroppedMessageCost = 16 << 10;  // bytes that it counts for
// One ack may be late or lost; this often it is the way that loses them.
constexpr std::uint32_t kAttemptsWithoutAck = 3;
constexpr Duration kIdle = std::chrono::milliseconds(200);
constexpr Duration kSending = std::chrono::milliseconds(2);     // for subscribers to make room
constexpr Duration kFinishing = std::chrono::milliseconds(50);  // of what outputs have under way
constexpr Duration kBetweenCommits = std::chrono::milliseconds(10);  // fewer, larger commits
constexpr Duration kRetry = std::chrono::seconds(2);

}  // namespace

std::optional<GroupDocuments> Sink::documents_to_keep(const SinkParts& parts) {
  GroupDocuments documents(parts.outputs, parts.places, parts.routes);
  if (!documents.has(Rejects::kAfterSync) && !documents.has(Rejects::kInTransaction)) return {};
  return documents;
}

Sink::Sink(SinkParts parts, const SinkLinks& links)
    : parts_(std::move(parts)),
      links_(links),
      backlog_(links.batches, Backlog::Keep::kOldest),
      inbox_(parts_.pipeline, parts_.name, links.log),
      core_(parts_.name, std::move(parts_.state), parts_.order, parts_.life),
      early_(parts_.early),
      kept_(documents_to_keep(parts_)),
      commit_({.store = parts_.store.get(),
               .core = &core_,
               .dead_letters = parts_.dead_letters.get(),
               .outputs = &parts_.outputs,
               .documents = kept_ ? &*kept_ : nullptr,
               .publisher = parts_.publisher ? &*parts_.publisher : nullptr}),
      served_(parts_.outputs, parts_.places, parts_.publisher ? &*parts_.publisher : nullptr,
              links.log) {
  committed_ = core_.state().totals;
}

Result<bool> Sink::step() {
  const int stops = links_.stop.stops();
  const bool asked_again = stops > std::exchange(seen_stops_, stops);
  if (stops > 1) {
    end_outputs();
    links_.log.info("stopped at once; documents that were not committed are sent again");
    return false;
  }
  if (auto served = served_.serve(links_.clock.now()); !served) return served.error();
  if (stops == 0) backlog_.relieve(links_.clock.now());
  if (retry_at_ && links_.clock.now() < *retry_at_ && !asked_again) return true;
  retry_at_.reset();
  if (!commit_.active()) {
    const bool more = may_receive(stops) && receive_group();
    drained_ = stops > 0 && !more;
    if (!more && stops == 0 && links_.clock.now() < next_commit_) return true;
    begin_commit(false);
  }
  for (;;) {
    if (auto done = commit_.advance(); !done) return retry(done.error());
    acknowledge();
    if (stops == 0 || !drained_) return true;
    if (finish()) return false;
    if (!commit_.active()) return true;
  }
}

// When asked to stop, the sink takes what has arrived already, since its producers would have to
// send it again; for a quarter of its time at most, since more may arrive all the time.
bool Sink::may_receive(int stops) {
  if (stops == 0) return true;
  const Time now = links_.clock.now();
  const Duration left = links_.stop.deadline().value_or(now) - now;
  if (!receive_until_) receive_until_ = now + std::max(left, Duration::zero()) / 4;
  return !drained_ && now < *receive_until_;
}

// When asked to stop and nothing is left to commit: true when the sink has ended.
bool Sink::finish() {
  if (served_.waits() && !is_overdue(links_.clock.now())) return false;
  if (!last_commit_) {
    last_commit_ = true;
    begin_commit(!links_.stop.reloading());
    if (commit_.active()) return false;
  }
  end_outputs();
  links_.log.info("stopped; {} documents delivered, {} dead{}", committed_.delivered,
                  committed_.dead, spills_text(spills_of(parts_.outputs)));
  return true;
}

void Sink::end_outputs() {
  const std::optional<Time> deadline = links_.stop.deadline();
  const bool at_once = seen_stops_ > 1 || !deadline;
  const Duration left = at_once ? Duration::zero() : *deadline - links_.clock.now();
  for (const auto& output : parts_.outputs) output->end(std::max(left, Duration::zero()));
  if (parts_.publisher) parts_.publisher->end();
}

// Full disks, locks and peers that take nothing are waited out; without acks, producers stop.
Result<bool> Sink::retry(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return error;
  const bool in_progress = error.text.empty();
  if (!in_progress) links_.log.warn("{}; retry in {}", error.text, to_string(kRetry));
  if (seen_stops_ > 0 && (!in_progress || is_overdue(links_.clock.now()))) {
    end_outputs();
    return given_up();
  }
  if (!in_progress) retry_at_ = links_.clock.now() + kRetry;
  return true;
}

Result<bool> Sink::given_up() {
  const bool committed = last_commit_ || commit_.committed();
  if (committed && !commit_.committed() && !links_.stop.reloading()) {
    return unavailable("stopped before growing files got their end; the next start ends them");
  }
  links_.log.info("{}", committed
                            ? "stopped; the files get their names at the next start"
                            : "stopped before the last group was committed; it is sent again");
  return false;
}

Duration Sink::idle() const {
  return served_.sending() ? std::min(kSending, idle_of_groups()) : idle_of_groups();
}

Duration Sink::idle_of_groups() const {
  if (retry_at_) return std::max(Duration::zero(), *retry_at_ - links_.clock.now());
  if (commit_.active()) return commit_.pause(links_.clock.now() - commit_began_);
  if (seen_stops_ > 0) return drained_ ? kFinishing : Duration::zero();
  if (moved_ || backlog_.holds()) return Duration::zero();
  if (core_.has_group()) return std::max(Duration::zero(), next_commit_ - links_.clock.now());
  return kIdle;
}

void Sink::begin_commit(bool stopping) {
  group_bytes_ = 0;
  commit_began_ = links_.clock.now();
  commit_.begin(links_.clock.now(), stopping);
}

void Sink::acknowledge() {
  committed_ = core_.state().totals;
  if (!core_.has_group()) return;
  const Time now = links_.clock.now();
  for (const Ack& ack : core_.committed()) links_.producers.send(ack, now);
  next_commit_ = now + kBetweenCommits;
  const bool slow = now - commit_began_ > kSlowCommit;
  group_limit_ =
      std::clamp(slow ? group_limit_ / 2 : group_limit_ * 2, kSmallestGroup, kLargestGroup);
}

bool Sink::receive_group() {
  for (int i = 0; i < kMaxMessagesPerGroup && group_bytes_ < group_limit_ && !is_full(); ++i) {
    if (take_early()) continue;
    if (!backlog_.receive(message_, links_.clock.now())) return false;
    take(message_);
  }
  return true;
}

bool Sink::is_full() const {
  return (parts_.publisher && parts_.publisher->full()) ||
         std::any_of(parts_.outputs.begin(), parts_.outputs.end(), [this](const auto& output) {
           return output->full(kept_ ? kept_->waiting(*output) : 0);
         });
}

void Sink::take(std::vector<Frame>& message) {
  const auto header = inbox_.take(message, links_.clock.now());
  if (!header) {
    group_bytes_ += kDroppedMessageCost;
    return;
  }
  const std::string_view payload = message[1].bytes();
  if (accept(*header, payload)) {
    moved_ = header->lineage.producer;
  } else {
    core_.early(*header, Early::kHeld);
    for (const BatchHeader& dropped : early_.hold(*header, payload)) {
      core_.early(dropped, Early::kDropped);
    }
    group_bytes_ += payload.size() + 1;
  }
}

bool Sink::take_early() {
  if (!moved_) return false;
  const EarlyBatch* first = early_.first(*moved_);
  if (first == nullptr || !accept(first->header, first->payload)) {
    moved_.reset();
    return false;
  }
  early_.remove_first(*moved_);
  return true;
}

bool Sink::accept(const BatchHeader& header, std::string_view payload) {
  const Judgement judgement = core_.judge(header);
  switch (judgement.verdict) {
    case Verdict::kEarly:
      return false;
    case Verdict::kWrite:
    case Verdict::kCollision:
      write(header, judgement, payload);
      break;
    case Verdict::kRefused:
      ++refused_;
      links_.producers.send(*judgement.refusal, links_.clock.now());
      break;
    case Verdict::kKnown:
      if (header.attempt >= kAttemptsWithoutAck) {
        links_.producers.on_acks_lost(header.lineage.producer, links_.clock.now());
      }
      break;
    case Verdict::kMalformed:
      inbox_.on_contradiction(header);
      break;
    case Verdict::kMisrouted:
      inbox_.on_other_owner(header, links_.clock.now());
      break;
  }
  group_bytes_ += payload.size() + 1;
  return true;
}

void Sink::write(const BatchHeader& header, const Judgement& judgement, std::string_view payload) {
  const bool collision = judgement.verdict == Verdict::kCollision;
  const std::string collided = collision ? collision_text(header) : std::string();
  if (collision) links_.log.error("{}", collided);
  std::vector<Outcome> outcomes(header.documents, collision ? Outcome::kDead : Outcome::kFiltered);
  const std::vector<bool> fresh = members_of(judgement.fresh, header.documents);
  std::uint64_t written = 0;
  PayloadReader reader(payload);
  Entry entry;
  DocumentId id{header.lineage.producer, header.lineage.epoch, header.sequence, 0, 0};
  bool is_first = true;  // of the documents that were made of an input
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    if (entry.index >= fresh.size() || !fresh[entry.index]) continue;
    if (collision || entry.kind == EntryKind::kDead) {
      parts_.dead_letters->add(header, entry, collision ? collided : entry.reason);
      outcomes[entry.index] = Outcome::kDead;
    } else if (entry.kind == EntryKind::kDocument) {
      id.part = is_first || id.index != entry.index ? 0 : id.part + 1;
      id.index = entry.index;
      is_first = false;
      const std::vector<Output*>& takers = parts_.routes.takers(entry.document);
      if (takers.empty()) {
        // It counts as dead, though other documents that it became may be delivered.
        parts_.dead_letters->add(header, entry, parts_.routes.refusal(entry.document));
        outcomes[entry.index] = Outcome::kDead;
        continue;
      }
      give(header, id, entry, takers);
      if (outcomes[entry.index] == Outcome::kFiltered) outcomes[entry.index] = Outcome::kDelivered;
      ++written;
    }
  }
  core_.settle(header, spans_of(judgement.fresh, outcomes), written);
}

void Sink::give(const BatchHeader& header, const DocumentId& id, const Entry& entry,
                const std::vector<Output*>& takers) {
  const std::size_t published = parts_.publisher ? parts_.publisher->add(entry.document.bytes) : 0;
  if (kept_) return kept_->add(header, id, entry, takers, published);
  for (Output* output : takers) output->add(id, entry.document);
}

Sink::Counters Sink::counters() const {
  return {.committed = committed_,
          .early = early_.batches(),
          .early_bytes = early_.bytes(),
          .early_dropped = early_.dropped(),
          .unread_dropped = backlog_.dropped(),
          .refused = refused_,
          .malformed = inbox_.malformed(),
          .misrouted = inbox_.misrouted() + core_.misrouted()};
}

}  // namespace docmill

#include "shared/protocol/producer_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/protocol/owner.h"

namespace docmill {
namespace {

// The most sequences that one commit reserves: enough that the disk is not in the way, little
// enough that a changed plan begins soon.
constexpr Sequence kLongestBlock = 1024;
// next sequence - durable checkpoint, in windows: bounds what sinks remember.
constexpr Sequence kSpanWindows = 4;
// What one tick adds at most to the time in which members could be heard.
constexpr Duration kMaxListened = std::chrono::milliseconds(500);

}  // namespace

ProducerCore::ProducerCore(const ProducerSettings& settings, ProducerState state)
    : settings_(settings),
      state_(std::move(state)),
      members_(settings.member),
      sinks_(settings.timeout),
      round_trip_(settings.timeout),
      budget_(settings.redelivery_share, settings.window.bytes),
      durable_checkpoint_(state_.checkpoint.sequence),
      replay_until_(state_.reserved) {
  counters_.settled = state_.checkpoint.totals;
}

Flight* ProducerCore::flight_of(Sequence sequence) {
  const Sequence first = state_.checkpoint.sequence + 1;
  if (sequence < first || sequence - first >= window_.size()) return nullptr;
  return &window_[sequence - first];
}

Piece* ProducerCore::piece_of(PieceKey key) {
  Flight* flight = flight_of(key.sequence);
  if (flight == nullptr) return nullptr;
  const auto found = flight->pieces.find(key.first);
  return found == flight->pieces.end() ? nullptr : &found->second;
}

bool ProducerCore::wants_batch() const {
  if (finishing_) return false;
  const Sequence next = state_.checkpoint.sequence + window_.size() + 1;
  if (next - durable_checkpoint_ > settings_.window.batches * kSpanWindows) return false;
  return open_ == 0 ||
         (open_ < settings_.window.batches && open_bytes_ < settings_.window.bytes.count);
}

void ProducerCore::admit(Batch batch, ProducerFacts facts, Time now) {
  const Sequence expected = state_.checkpoint.sequence + window_.size() + 1;
  DOCMILL_CHECK(batch.sequence == expected, "batch {} where {} is next", batch.sequence, expected);
  DOCMILL_CHECK(!finishing_, "batch {} after the last one", batch.sequence);
  apply(facts, state_);
  // The cutter knows what the block of earlier runs came to.
  if (facts.reserved) replay_until_ = 0;
  if (facts.reserved) pending_.reserved = facts.reserved;
  const bool early = !facts.cuts.empty();
  for (auto& cut : facts.cuts) pending_.cuts.push_back(cut);
  for (auto& plan : facts.plans) pending_.plans.push_back(std::move(plan));
  reserve(batch.sequence, early);

  window_.emplace_back();
  Flight& flight = window_.back();
  // Facts that wait go with the next commit; those of a commit under way are its.
  flight.facts_needed = sends_wait_for_pending() ? ticket_ + 1 : ticket_;
  flight.batch = std::move(batch);
  ++counters_.batches;
  counters_.documents += flight.batch.documents;
  if (flight.batch.documents > 0) {
    const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
    if (!plan.keyed) {
      flight.sink = sinks_.named(owner_of(state_.lineage, flight.batch.sequence, plan.sinks)).id;
      Sequence& last = last_of_sink_[flight.sink];
      flight.previous = std::exchange(last, flight.batch.sequence);
    }
    ++open_;
    open_bytes_ += flight.batch.payload->size();
    open_documents_ += flight.batch.documents;
    Piece piece;
    piece.share = {{0, flight.batch.documents}};
    enlist(flight, add_piece(flight, std::move(piece)));
  }
  advance();
  commit_if_due(now);
  dispatch(now);
}

void ProducerCore::reserve(Sequence sequence, bool exact) {
  if (exact) {
    // The cut needs a commit of its own anyway; the block ends here, so that a restart knows more.
    block_ = 1;
    state_.reserved = std::max({sequence, replay_until_, state_.checkpoint.sequence});
  } else if (sequence > state_.reserved) {
    block_ = std::min(block_ * 2, kLongestBlock);
    state_.reserved = sequence + block_ - 1;
  } else {
    return;
  }
  pending_.reserved = state_.reserved;
}

bool ProducerCore::sends_wait_for_pending() const {
  return pending_.reserved || !pending_.cuts.empty() || !pending_.plans.empty();
}

void ProducerCore::commit_if_due(Time now) {
  if (committing_) return;
  const bool checkpoint_due =
      checkpoint_pending_ && (finishing_ || now - last_commit_ >= settings_.checkpoint_every);
  const bool last_facts = finishing_ && !pending_.empty();
  if (!sends_wait_for_pending() && !checkpoint_due && !last_facts) return;
  if (checkpoint_pending_) pending_.checkpoint = state_.checkpoint;
  // What the checkpoint relies on is durable with it.
  for (const std::string& sink : std::exchange(changed_ledgers_, {})) {
    pending_.ledgers.push_back({sink, state_.ledgers.at(sink)});
  }
  checkpoint_pending_ = false;
  committing_ = true;
  committing_checkpoint_ = state_.checkpoint.sequence;
  last_commit_ = now;
  ProducerFacts pruning;
  pruning.checkpoint = state_.checkpoint;
  apply(pruning, state_);
  actions_.emplace_back(std::in_place_type<Commit>, Commit{++ticket_, std::exchange(pending_, {})});
}

void ProducerCore::on_committed(std::uint64_t ticket, Time now) {
  DOCMILL_CHECK(committing_ && ticket == ticket_, "commit {} where {} was asked", ticket, ticket_);
  committing_ = false;
  durable_ticket_ = ticket;
  durable_checkpoint_ = committing_checkpoint_;
  commit_if_due(now);
  finish_if_done(now);
  dispatch(now);
}

void ProducerCore::finish(Time now) {
  if (finishing_) return;
  finishing_ = true;
  commit_if_due(now);
  finish_if_done(now);
}

void ProducerCore::finish_if_done(Time now) {
  if (!finishing_ || finished_ || !window_.empty() || committing_) return;
  // An orderly end knows exactly what was sent; but not what earlier runs sent beyond it.
  const Sequence sent = std::max(state_.checkpoint.sequence, replay_until_);
  if (state_.reserved != sent) {
    state_.reserved = sent;
    pending_.reserved = sent;
  }
  if (!pending_.empty() || checkpoint_pending_) return commit_if_due(now);
  finished_ = true;
  for (const MemberId id : members_.ids()) {
    Member* member = members_.find(id);
    if (member->usable()) send_end(*member, now);
  }
  actions_.emplace_back(std::in_place_type<Finished>, Finished{});
}

void ProducerCore::on_refusal(const Refusal& refusal) {
  if (refusal.lineage != state_.lineage || refusal.run != state_.run) return;
  actions_.emplace_back(std::in_place_type<Fatal>,
                        Fatal{corrupt(fmt::format("sink {} refused {}: {}", refusal.sink,
                                                  state_.lineage.producer, refusal.text))});
}

// A producer that did not listen has not heard silence.
Time ProducerCore::listening_time(Time now) const {
  if (last_tick_ == Time{}) return heard_until_;
  return heard_until_ + std::clamp(now - last_tick_, Duration::zero(), kMaxListened);
}

void ProducerCore::on_tick(Time now) {
  heard_until_ = listening_time(now);
  last_tick_ = now;
  check_members();
  sinks_.on_tick(now);
  probe_sinks(now);
  miss_members(now);
  on_timers(now);
  commit_if_due(now);
  finish_if_done(now);
  dispatch(now);
}

}  // namespace docmill

// The part of ProducerCore that answers to acks: the union of shares, and the checkpoint that
// follows.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/owner.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

// The first ledger that a sink shows is its own, if it is a sink of ours. False: the ack is not of
// that ledger, or of a part of its history that is not known to go on.
bool ProducerCore::meet_ledger(const Ack& ack) {
  const bool ours =
      std::any_of(state_.plans.begin(), state_.plans.end(), [&](const PlanFrom& from) {
        const auto& sinks = from.plan.sinks;
        return std::find(sinks.begin(), sinks.end(), ack.sink) != sinks.end();
      });
  const bool forgotten =
      std::any_of(state_.forgotten.begin(), state_.forgotten.end(),
                  [&](const ForgottenLedger& one) { return one.id == ack.ledger.id; });
  if (!ours || forgotten) return false;
  const auto [found, is_new] = state_.ledgers.try_emplace(ack.sink, KnownLedger{ack.ledger, 0});
  if (is_new) changed_ledgers_.insert(ack.sink);
  LedgerMark& known = found->second.mark;
  if (known.id != ack.ledger.id) return false;
  return is_new || follow(known, ack);
}

// Each life begins behind the last commit of the one before it. One that begins at or before the
// commit that is known is of a ledger that does not have this commit.
bool ProducerCore::follow(LedgerMark& known, const Ack& ack) {
  const LedgerMark& shown = ack.ledger;
  if (shown.commit == 0) return true;
  const bool same_life = known.commit == 0 || shown.life == known.life;
  if (!same_life && shown.life.first <= known.commit) {
    // An ack of an earlier life that is late; its batches are sent again.
    if (shown.commit < known.life.first) return false;
    actions_.emplace_back(
        std::in_place_type<Fatal>,
        Fatal{corrupt(fmt::format(
            "sink {} was put back to an older copy of its state: commit {} was acknowledged, found "
            "a ledger that has gone on from before it; put the newer state back, or accept the "
            "loss with 'docmill sink accept FILE {}' on the hosts of the producers, or start the "
            "whole pipeline over with --fresh",
            ack.sink, known.commit, ack.sink))});
    return false;
  }
  if (same_life && shown.commit <= known.commit) return true;
  known = shown;
  changed_ledgers_.insert(ack.sink);
  return true;
}

void ProducerCore::on_ack(const Ack& ack, Time now) {
  if (ack.lineage != state_.lineage || ack.run != state_.run || !meet_ledger(ack)) {
    counters_.ignored += ack.entries.size();
    return;
  }
  std::size_t settled = 0;
  for (const Ack::Entry& entry : ack.entries) {
    if (settle(ack, entry, now) > 0) ++settled;
  }
  // Each that is settled makes room: two for one find out how much there is.
  send_dropped_again(ack.sink, 2 * settled);
  advance();
  commit_if_due(now);
  finish_if_done(now);
  dispatch(now);
}

// Nobody but the owner settles a share. With keys it may be any sink of the list, and each may
// void.
bool ProducerCore::may_settle(const std::string& sink, Sequence sequence) const {
  const Plan& plan = state_.plan_at(sequence).plan;
  if (!plan.keyed) return owner_of(state_.lineage, sequence, plan.sinks) == sink;
  return std::find(plan.sinks.begin(), plan.sinks.end(), sink) != plan.sinks.end();
}

std::uint64_t ProducerCore::settle(const Ack& ack, const Ack::Entry& entry, Time now) {
  Flight* flight = flight_of(entry.sequence);
  // Nothing is settled that was not sent.
  if (flight == nullptr || flight->whole() || flight->batch.origin_hash != entry.origin_hash ||
      entry.attempt == 0 || entry.attempt > flight->attempts() ||
      !may_settle(ack.sink, entry.sequence) ||
      (!entry.settled.empty() && entry.settled.back().end > flight->batch.documents)) {
    ++counters_.ignored;
    return 0;
  }
  ++counters_.acks;
  if (entry.early != Early::kNo) {
    arrive(*flight, entry, ack.sink, now);
    return 0;
  }
  std::vector<SettledSpan> told;
  for (const SettledSpan& span : entry.settled) {
    if (span.outcome != Outcome::kVoid) told.push_back(span);
  }
  const OutcomeCounts added = flight->settled.add(told);
  counters_.settled.delivered += added[0];
  counters_.settled.filtered += added[1];
  counters_.settled.dead += added[2];
  const std::uint64_t settled = added[0] + added[1] + added[2];
  if (settled > 0) flight->settled_by[ack.sink] += settled;
  settle_pieces(*flight, entry, now);
  for (const SettledSpan& span : entry.settled) {
    if (span.outcome == Outcome::kVoid) on_void(*flight, span, ack.sink);
  }
  if (!flight->whole()) return settled;
  --open_;
  open_bytes_ -= flight->batch.payload->size();
  flight->batch.payload.reset();
  return settled;
}

// It has left its member, which is free for others. It is sent again when its time is over, for its
// sink may end; what was dropped as soon as there is room.
void ProducerCore::arrive(Flight& flight, const Ack::Entry& entry, const std::string& sink,
                          Time now) {
  for (Piece& piece : flight.pieces) {
    if ((!piece.member && !piece.arrived) || piece.attempt != entry.attempt) continue;
    const PieceKey key{entry.sequence, piece.first};
    if (piece.member) {
      // The way and back; how long it waits there says nothing of the next one.
      if (piece.sends == 1) round_trip_.measured(now - piece.sent_at);
      if (Member* member = members_.find(*piece.member)) members_.praise(*member);
      members_.release(*piece.member, key);
    }
    piece.member.reset();
    piece.arrived = true;
    if (entry.early == Early::kDropped) dropped_[sink].insert(key);
  }
}

void ProducerCore::send_dropped_again(const std::string& sink, std::size_t most) {
  const auto found = dropped_.find(sink);
  if (found == dropped_.end()) return;
  std::set<PieceKey>& dropped = found->second;
  for (; most > 0 && !dropped.empty(); --most) {
    const PieceKey key = *dropped.begin();
    dropped.erase(dropped.begin());
    // What was settled, or sent again when its time was over, is not among what has arrived.
    const Piece* piece = piece_of(key);
    if (piece != nullptr && piece->arrived) queue(key);
  }
}

void ProducerCore::settle_pieces(Flight& flight, const Ack::Entry& entry, Time now) {
  std::erase_if(flight.pieces, [&](const Piece& piece) {
    if (!flight.settled.covers(piece.share)) return false;
    const PieceKey key{entry.sequence, piece.first};
    if (piece.member && piece.attempt == entry.attempt) {
      if (piece.sends == 1) round_trip_.measured(now - piece.sent_at);
      if (piece.sends > 1) budget_.answered_again(flight.batch.payload->size());
      if (Member* member = members_.find(*piece.member)) members_.praise(*member);
    }
    members_.forget(key);
    unqueue(key);
    return true;
  });
}

void ProducerCore::advance() {
  while (!window_.empty() && window_.front().whole()) {
    const Flight& flight = window_.front();
    Totals& totals = state_.checkpoint.totals;
    for (const SettledSpan& span : flight.settled.spans()) {
      const std::uint64_t documents = span.end - span.begin;
      if (span.outcome == Outcome::kDelivered) totals.delivered += documents;
      if (span.outcome == Outcome::kFiltered) totals.filtered += documents;
      if (span.outcome == Outcome::kDead) totals.dead += documents;
    }
    for (const auto& [sink, documents] : flight.settled_by) {
      state_.ledgers[sink].documents += documents;
      changed_ledgers_.insert(sink);
    }
    state_.checkpoint.sequence = flight.batch.sequence;
    state_.checkpoint.position = flight.batch.position;
    window_.pop_front();
    checkpoint_pending_ = true;
  }
}

}  // namespace docmill

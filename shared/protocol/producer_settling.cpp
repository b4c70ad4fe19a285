// The part of ProducerCore that answers to acks: the union of shares, and the checkpoint that
// follows.
#include <algorithm>

#include "shared/protocol/owner.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

bool ProducerCore::meet_ledger(const Ack& ack) {
  const auto [known, is_new] = state_.ledgers.try_emplace(ack.sink, ack.ledger);
  if (is_new) pending_.ledgers.push_back({ack.sink, ack.ledger});
  return known->second == ack.ledger;
}

void ProducerCore::on_ack(const Ack& ack, Time now) {
  if (ack.lineage != state_.lineage || ack.run != state_.run || !meet_ledger(ack)) {
    counters_.ignored += ack.entries.size();
    return;
  }
  for (const Ack::Entry& entry : ack.entries) settle(ack, entry, now);
  advance();
  commit_if_due(now);
  finish_if_done(now);
  dispatch(now);
}

void ProducerCore::settle(const Ack& ack, const Ack::Entry& entry, Time now) {
  Flight* flight = flight_of(entry.sequence);
  // Nobody but the owner settles a share, and nothing is settled that was not sent.
  if (flight == nullptr || flight->whole() || flight->batch.origin_hash != entry.origin_hash ||
      entry.attempt == 0 || entry.attempt > flight->attempts() ||
      owner_of(state_.lineage, entry.sequence, state_.plan_at(entry.sequence).plan.sinks) !=
          ack.sink) {
    ++counters_.ignored;
    return;
  }
  ++counters_.acks;
  for (SettledSpan span : entry.settled) {
    span.end = std::min(span.end, flight->batch.documents);
    if (span.begin >= span.end) continue;
    const OutcomeCounts added = flight->settled.add(span);
    counters_.settled.delivered += added[0];
    counters_.settled.filtered += added[1];
    counters_.settled.dead += added[2];
  }
  settle_pieces(*flight, entry, now);
  if (!flight->whole()) return;
  --open_;
  open_bytes_ -= flight->batch.payload->size();
  flight->batch.payload.reset();
}

void ProducerCore::settle_pieces(Flight& flight, const Ack::Entry& entry, Time now) {
  std::erase_if(flight.pieces, [&](const Piece& piece) {
    if (!flight.settled.covers(piece.share)) return false;
    const PieceKey key{entry.sequence, piece.first};
    if (piece.member && piece.attempt == entry.attempt) {
      if (piece.sends == 1) round_trip_.measured(now - piece.sent_at);
      if (piece.sends > 1) budget_.answered_again(flight.batch.payload->size());
      if (Member* member = members_.find(*piece.member)) member->late = false;
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
    state_.checkpoint.sequence = flight.batch.sequence;
    state_.checkpoint.position = flight.batch.position;
    window_.pop_front();
    checkpoint_pending_ = true;
  }
}

}  // namespace docmill

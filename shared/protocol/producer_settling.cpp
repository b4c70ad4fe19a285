// The part of ProducerCore that answers to acks: the union of shares, and the checkpoint that
// follows.
#include <fmt/format.h>

#include <algorithm>

#include "shared/base/transfer_time.h"
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
  SinkPeer& sink = sinks_.named(ack.sink);
  if (sinks_.on_ack(sink, now)) on_sink_back(sink, now);
  std::size_t settled = 0;
  for (const Ack::Entry& entry : ack.entries) {
    if (settle(ack, entry, now) > 0) ++settled;
  }
  // Each that is settled makes room: two for one find out how much there is.
  send_dropped_again(sink, 2 * settled);
  advance();
  commit_if_due(now);
  finish_if_done(now);
  dispatch(now);
}

void ProducerCore::on_sink_back(SinkPeer& sink, Time now) {
  if (now - sink.silent_since < kSilenceWorthALine) return;
  say(LogLevel::kInfo,
      fmt::format(
          "sink {} acknowledges again after {} s", sink.name,
          std::chrono::duration_cast<std::chrono::seconds>(now - sink.silent_since).count()));
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
    arrive(*flight, entry, sinks_.named(ack.sink), now);
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
  open_documents_ -= settled;
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

// It has left its member, which is free for others. It is sent again when its time is over, since
// its sink may have ended; what was dropped, as soon as there is room. An arrival shows that the
// way is open, so the timeout is that of a first attempt, however often the piece was dropped
// before.
void ProducerCore::arrive(Flight& flight, const Ack::Entry& entry, SinkPeer& sink, Time now) {
  const PieceKey key{entry.sequence, flight.carried[entry.attempt - 1]};
  Piece* piece = piece_of(key);
  if (piece == nullptr || piece->state == PieceState::kWaiting || piece->attempt != entry.attempt) {
    return;
  }
  if (piece->state != PieceState::kArrived) {
    measure(flight, *piece, now);
    unplace(flight, *piece);
    piece->state = PieceState::kArrived;
    const Duration transfer = transfer_time(flight.batch.payload->size());
    set_timer(key, *piece, now + round_trip_.timeout(0) + transfer);
  }
  if (entry.early == Early::kDropped) sink.dropped.insert(key);
}

// What the answer to a piece says about the ways to its member and from there to its sink.
void ProducerCore::measure(Flight& flight, const Piece& piece, Time now) {
  if (piece.state != PieceState::kHeld && piece.state != PieceState::kPassed) return;
  SinkPeer& sink = sink_of(flight);
  if (piece.probe) sink.lost_before = std::max(sink.lost_before, piece.sent_at);
  Member* member = members_.find(*piece.member);
  if (piece.state == PieceState::kHeld) {
    // The ack has overtaken the member's news.
    if (piece.sends == 1) round_trip_.measured(now - piece.sent_at);
    if (member == nullptr) return;
    members_.take(*member, piece.send_order);
    members_.praise(*member);
    return;
  }
  if (piece.sends == 1) sink.trip.measured(now - piece.passed_at);
  if (member == nullptr) return;
  std::uint64_t& acked = member->acked[sink.id];
  acked = std::max(acked, piece.pass_order);
}

void ProducerCore::send_dropped_again(SinkPeer& sink, std::size_t most) {
  for (; most > 0 && !sink.dropped.empty(); --most) {
    const PieceKey key = *sink.dropped.begin();
    sink.dropped.erase(sink.dropped.begin());
    // What was settled, or sent again when its time was over, is not among what has arrived.
    const Piece* piece = piece_of(key);
    if (piece != nullptr && piece->state == PieceState::kArrived) queue(key);
  }
}

void ProducerCore::settle_pieces(Flight& flight, const Ack::Entry& entry, Time now) {
  std::vector<std::uint32_t> touched(flight.wide.begin(), flight.wide.end());
  for (const SettledSpan& span : entry.settled) {
    const auto end = flight.pieces.lower_bound(span.end);
    for (auto at = flight.pieces.lower_bound(span.begin); at != end; ++at) {
      if (!flight.wide.contains(at->first)) touched.push_back(at->first);
    }
  }
  for (const std::uint32_t first : touched) settle_piece(flight, first, entry.attempt, now);
}

void ProducerCore::settle_piece(Flight& flight, std::uint32_t first, std::uint32_t attempt,
                                Time now) {
  const auto found = flight.pieces.find(first);
  if (found == flight.pieces.end() || !flight.settled.covers(found->second.share)) return;
  Piece& piece = found->second;
  if (piece.member && piece.attempt == attempt) {
    if (piece.sends > 1) budget_.answered_again(flight.batch.payload->size());
    measure(flight, piece, now);
  }
  sinks_.on_settled(sink_of(flight), settings_.window.batches);
  if (piece.condemned) report_condemned(flight, first);
  remove_piece(flight, first);
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

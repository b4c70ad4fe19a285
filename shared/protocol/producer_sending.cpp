// The part of ProducerCore that sends: which member gets what, when, and what is sent again.
#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

void ProducerCore::queue(PieceKey key) {
  Piece* piece = piece_of(key);
  if (piece == nullptr) return;
  if (piece->member) members_.release(*piece->member, key);
  piece->member.reset();
  piece->arrived = false;
  unqueue(key);
  if (!piece->alone) members_.stop_keeping(key);
  (piece->alone ? waiting_alone_ : waiting_).insert(key);
}

void ProducerCore::unqueue(PieceKey key) {
  waiting_.erase(key);
  waiting_alone_.erase(key);
}

bool ProducerCore::ready_to_send(const Flight& flight, const Piece& piece, Time now) const {
  return flight.facts_needed <= durable_ticket_ && piece.not_before <= now;
}

void ProducerCore::dispatch(Time now) {
  dispatch_alone(now);
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    Flight* flight = flight_of(at->sequence);
    Piece* piece = piece_of(*at);
    DOCMILL_CHECK(piece != nullptr, "batch {} waits but is not there", at->sequence);
    if (flight->facts_needed > durable_ticket_) return;
    if (!ready_to_send(*flight, *piece, now)) {
      ++at;
      continue;
    }
    Member* member = members_.least_loaded(piece->sends > 0);
    if (member == nullptr && members_.least_loaded(false) == nullptr) return;
    if (member == nullptr) {
      ++at;
      continue;
    }
    at = waiting_.erase(at);
    send(*flight, *piece, *member, now);
  }
}

void ProducerCore::dispatch_alone(Time now) {
  if (alone_not_before_ > now) return;
  for (auto at = waiting_alone_.begin(); at != waiting_alone_.end();) {
    Flight* flight = flight_of(at->sequence);
    Piece* piece = piece_of(*at);
    DOCMILL_CHECK(piece != nullptr, "batch {} waits but is not there", at->sequence);
    Member* member = ready_to_send(*flight, *piece, now) ? members_.idle_for(*at) : nullptr;
    if (member == nullptr) {
      ++at;
      continue;
    }
    at = waiting_alone_.erase(at);
    send(*flight, *piece, *member, now);
  }
}

void ProducerCore::send(Flight& flight, Piece& piece, Member& member, Time now) {
  flight.carried.push_back(piece.first);
  piece.share = flight.settled.missing(piece.share);
  piece.attempt = flight.attempts();
  piece.member = member.id;
  piece.sent_at = now;
  piece.deadline = now + round_trip_.timeout(piece.sends);
  const std::uint64_t bytes = flight.batch.payload->size();
  if (piece.sends++ == 0) budget_.sent_first(bytes);
  members_.hold(member, {flight.batch.sequence, piece.first}, {bytes, piece.attempt});
  ++counters_.sends;
  actions_.push_back(
      Send{member.id, header_of(flight, piece), flight.batch.payload, flight.batch.payload_hash});
}

BatchHeader ProducerCore::message_header(MessageKind kind) const {
  BatchHeader header;
  header.kind = kind;
  header.lineage = state_.lineage;
  header.run = state_.run;
  return header;
}

BatchHeader ProducerCore::header_of(const Flight& flight, const Piece& piece) const {
  const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
  BatchHeader header = message_header(MessageKind::kBatch);
  header.condemned = piece.condemned;
  header.sequence = flight.batch.sequence;
  header.attempt = piece.attempt;
  header.documents = flight.batch.documents;
  // None when an earlier run has condemned it.
  header.deaths = piece.condemned ? piece.deaths : 0;
  header.keyed = plan.keyed;
  header.voids = plan.keyed && piece.condemned && piece.voided_at.size() < plan.sinks.size();
  header.share = piece.share;
  header.sinks = plan.sinks;
  header.processors = plan.processors;
  for (const std::string& sink : plan.sinks) header.ledgers.push_back(state_.expected_of(sink));
  header.checkpoint = durable_checkpoint_;
  header.previous = flight.previous;
  header.origin_hash = flight.batch.origin_hash;
  return header;
}

void ProducerCore::send_definition(Member& member, std::uint64_t revision, Time now) {
  for (const PlanFrom& from : state_.plans) {
    if (from.plan.processors != revision) continue;
    BatchHeader header = message_header(MessageKind::kDefinition);
    header.processors = revision;
    member.defined[revision] = now;
    actions_.emplace_back(std::in_place_type<Send>,
                          Send{member.id, std::move(header),
                               std::make_shared<const std::string>(from.plan.definition),
                               hash64(from.plan.definition)});
    return;
  }
}

void ProducerCore::send_end(Member& member, Time now) {
  member.end_sent = now;
  BatchHeader header = message_header(MessageKind::kEnd);
  header.attempt = member.state == MemberState::kDraining ? 1 : 0;
  actions_.emplace_back(
      std::in_place_type<Send>,
      Send{member.id, std::move(header), std::make_shared<const std::string>(), hash64({})});
  actions_.emplace_back(std::in_place_type<Disconnect>, Disconnect{member.id, true});
}

void ProducerCore::on_timeouts(Time now) {
  // What has arrived and waits there comes last: it must not use up what the others need, that have
  // members wait, and what it waits for.
  for (const bool arrived : {false, true}) {
    for (Flight& flight : window_) {
      for (Piece& piece : flight.pieces) {
        if ((arrived ? !piece.arrived : !piece.member) || piece.deadline > now) continue;
        if (is_worked_on(flight, piece)) {
          wait_for_it(piece, now);
          continue;
        }
        if (!budget_.grant(flight.batch.payload->size(), now, round_trip_.timeout(0))) return;
        send_late_again(flight, piece, now);
      }
    }
  }
}

// A member that is alive and says that it works on it is believed: one document that never ends
// must not take one member after the other. It is tried at one more, which may be the faster one,
// as long as another stays free; those that end over it are counted.
bool ProducerCore::is_worked_on(const Flight& flight, const Piece& piece) {
  if (!piece.member) return false;
  std::set<MemberId> tried = {*piece.member};
  bool started = false;
  for (const MemberId id : members_.ids()) {
    const Member& member = *members_.find(id);
    if (!member.usable() || !member.started) continue;
    if (member.started->sequence != flight.batch.sequence) continue;
    const std::uint32_t attempt = member.started->attempt;
    if (attempt == 0 || attempt > flight.attempts()) continue;
    if (flight.carried[attempt - 1] != piece.first) continue;
    started = true;
    tried.insert(id);
  }
  return started && (tried.size() > 1 || members_.usable() <= 2);
}

void ProducerCore::wait_for_it(Piece& piece, Time now) {
  if (Member* member = members_.find(*piece.member)) member->late = true;
  piece.deadline = now + round_trip_.timeout(0);
}

void ProducerCore::send_late_again(const Flight& flight, const Piece& piece, Time now) {
  if (piece.member) {
    if (Member* member = members_.find(*piece.member)) members_.blame(*member);
    // Members were kept free for what does not come to an end; the others get as long a turn.
    if (piece.alone) alone_not_before_ = now + (now - piece.sent_at);
  }
  ++counters_.timeouts;
  queue({flight.batch.sequence, piece.first});
}

}  // namespace docmill

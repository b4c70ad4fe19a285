// The part of ProducerCore that sends: what waits, and which member gets what.
#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/base/hash.h"
#include "shared/base/transfer_time.h"
#include "shared/protocol/payload.h"
#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// Members that a piece was sent to before, and that may still work on it.
constexpr std::size_t kMaxTried = 8;

}  // namespace

Piece& ProducerCore::add_piece(Flight& flight, Piece piece) {
  const std::uint32_t first = piece.first;
  if (count(piece.share) > 1) flight.wide.insert(first);
  sink_of(flight).unsettled.insert({flight.batch.sequence, first});
  return flight.pieces.insert_or_assign(first, std::move(piece)).first->second;
}

// The piece is settled or divided: no member holds it, is kept free for it or is blamed for it.
void ProducerCore::remove_piece(Flight& flight, std::uint32_t first) {
  const auto found = flight.pieces.find(first);
  unplace(flight, found->second);
  forgive({flight.batch.sequence, first}, found->second);
  flight.wide.erase(first);
  sink_of(flight).unsettled.erase({flight.batch.sequence, first});
  flight.pieces.erase(found);
}

void ProducerCore::forgive(PieceKey key, Piece& piece) {
  for (const MemberId id : piece.blamed) {
    if (Member* member = members_.find(id)) member->blamed.erase(key);
  }
  piece.blamed.clear();
}

void ProducerCore::set_timer(PieceKey key, Piece& piece, Time when) {
  clear_timer(key, piece);
  piece.timer = when;
  (piece.state == PieceState::kArrived ? arrived_timers_ : timers_).insert({when, key});
}

void ProducerCore::clear_timer(PieceKey key, Piece& piece) {
  if (piece.timer == Time{}) return;
  if (timers_.erase({piece.timer, key}) == 0) arrived_timers_.erase({piece.timer, key});
  piece.timer = {};
}

void ProducerCore::stop_keeping(Piece& piece) {
  if (!piece.kept_by) return;
  members_.stop_keeping(*piece.kept_by);
  piece.kept_by.reset();
}

// It is nowhere then: whoever calls this sends it, queues it or removes it.
void ProducerCore::unplace(Flight& flight, Piece& piece) {
  const PieceKey key{flight.batch.sequence, piece.first};
  SinkPeer& sink = sink_of(flight);
  clear_timer(key, piece);
  stop_keeping(piece);
  switch (piece.state) {
    case PieceState::kWaiting:
      sink.fresh.erase(key);
      sink.again.erase(key);
      sink.alone.erase(key);
      reserved_.erase(key);
      break;
    case PieceState::kHeld:
    case PieceState::kPassed:
      --sink.outstanding;
      sinks_.on_not_passed(sink, key, flight.batch.payload->size());
      members_.release(*piece.member, key);
      break;
    case PieceState::kArrived:
      break;
  }
  piece.state = PieceState::kWaiting;
  piece.member.reset();
}

void ProducerCore::queue(PieceKey key) {
  Piece* piece = piece_of(key);
  if (piece == nullptr) return;
  Flight& flight = *flight_of(key.sequence);
  unplace(flight, *piece);
  enlist(flight, *piece);
}

void ProducerCore::enlist(Flight& flight, Piece& piece) {
  const PieceKey key{flight.batch.sequence, piece.first};
  SinkPeer& sink = sink_of(flight);
  if (piece.alone) {
    sink.alone.insert(key);
  } else {
    (piece.sends > 0 ? sink.again : sink.fresh).insert(key);
  }
}

// Whether the first piece of a list may be sent, as far as the disk is concerned; if not, none may.
bool ProducerCore::may_start(const std::set<PieceKey>& waiting) {
  if (waiting.empty()) return false;
  return flight_of(waiting.begin()->sequence)->facts_needed <= durable_ticket_;
}

// The sink whose next piece is the oldest.
SinkPeer* ProducerCore::next_sink(bool first_sends_only, Time now) {
  SinkPeer* next = nullptr;
  PieceKey oldest;
  for (SinkPeer& sink : sinks_.all()) {
    if (!sink.is_open(now)) continue;
    for (const std::set<PieceKey>* list : {&sink.fresh, &sink.again}) {
      if ((first_sends_only && list == &sink.again) || !may_start(*list)) continue;
      if (next != nullptr && oldest < *list->begin()) continue;
      next = &sink;
      oldest = *list->begin();
    }
  }
  return next;
}

void ProducerCore::dispatch(Time now) {
  dispatch_alone(now);
  bool first_sends_only = false;
  while (SinkPeer* sink = next_sink(first_sends_only, now)) {
    const bool has_fresh = may_start(sink->fresh);
    const bool has_again = !first_sends_only && may_start(sink->again);
    const bool again = has_again && (!has_fresh || *sink->again.begin() < *sink->fresh.begin());
    Member* member = members_.least_loaded(again);
    if (member == nullptr && (!again || first_sends_only)) return;
    if (member == nullptr) {
      // What is sent again does not go to a member that is late; what is new may.
      first_sends_only = true;
      continue;
    }
    const PieceKey key = again ? *sink->again.begin() : *sink->fresh.begin();
    send(*flight_of(key.sequence), *piece_of(key), *member, now);
  }
}

void ProducerCore::dispatch_alone(Time now) {
  if (alone_not_before_ > now) return;
  send_reserved(now);
  for (SinkPeer& sink : sinks_.all()) {
    if (sink.is_open(now)) reserve_alone(sink, now);
  }
}

// Sends the pieces whose member has become idle.
void ProducerCore::send_reserved(Time now) {
  const std::vector<PieceKey> reserved(reserved_.begin(), reserved_.end());
  for (const PieceKey key : reserved) {
    Flight& flight = *flight_of(key.sequence);
    Piece& piece = *piece_of(key);
    Member* member = members_.find(*piece.kept_by);
    if (member != nullptr && member->usable()) {
      if (member->held.empty() && sink_of(flight).is_open(now)) send(flight, piece, *member, now);
    } else {
      queue(key);
    }
  }
}

void ProducerCore::reserve_alone(SinkPeer& sink, Time now) {
  while (may_start(sink.alone)) {
    const PieceKey key = *sink.alone.begin();
    // The others serve what travels in company.
    if (members_.kept() >= std::max<std::size_t>(1, members_.usable() / 2)) return;
    Member* member = members_.keep_one(key);
    if (member == nullptr) return;
    Piece& piece = *piece_of(key);
    piece.kept_by = member->id;
    sink.alone.erase(key);
    reserved_.insert(key);
    if (member->held.empty()) send(*flight_of(key.sequence), piece, *member, now);
    if (!sink.is_open(now)) return;
  }
}

void ProducerCore::send(Flight& flight, Piece& piece, Member& member, Time now) {
  const PieceKey key{flight.batch.sequence, piece.first};
  SinkPeer& sink = sink_of(flight);
  const std::optional<MemberId> kept_by = std::exchange(piece.kept_by, std::nullopt);
  unplace(flight, piece);
  piece.kept_by = kept_by;
  flight.carried.push_back(piece.first);
  piece.share = flight.settled.missing(piece.share);
  piece.attempt = flight.attempts();
  piece.state = PieceState::kHeld;
  piece.member = member.id;
  piece.send_order = ++member.sends;
  piece.sent_at = now;
  piece.probe = !sink.available;
  if (piece.probe) sinks_.on_probe(sink, now);
  const std::uint64_t bytes = flight.batch.payload->size();
  // Messages ahead of it on the link take time as well.
  const Duration transfer = member.transfer + transfer_time(bytes);
  set_timer(key, piece, now + round_trip_.timeout(piece.sends) + transfer);
  if (piece.sends++ == 0) budget_.sent_first(bytes);
  ++sink.outstanding;
  if (piece.tried.size() < kMaxTried) piece.tried.push_back(member.id);
  const bool was_empty = member.held.empty();
  members_.hold(member, key, piece.attempt, bytes);
  if (was_empty) {
    member.progress_at = now;
    // Until it answers, the first question counts.
    if (member.asked_at <= member.last_seen) member.asked_at = listening_time(now);
    expect(member);
  }
  ++counters_.sends;
  Send message{member.id, header_of(flight, piece, member), flight.batch.payload,
               flight.batch.payload_hash};
  if (piece.suspect) {
    // The rest of the batch would be carried once for each part.
    auto part = std::make_shared<std::string>(entries_of(*flight.batch.payload, piece.share));
    message.payload_hash = hash64(*part);
    message.payload = std::move(part);
  }
  actions_.emplace_back(std::move(message));
}

BatchHeader ProducerCore::message_header(MessageKind kind, const Member& member) const {
  BatchHeader header;
  header.kind = kind;
  header.pipeline = settings_.pipeline;
  header.member = member.incarnation;
  header.lineage = state_.lineage;
  header.run = state_.run;
  return header;
}

BatchHeader ProducerCore::header_of(const Flight& flight, const Piece& piece,
                                    const Member& member) const {
  const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
  BatchHeader header = message_header(MessageKind::kBatch, member);
  header.condemned = piece.condemned;
  header.alone = piece.alone;
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
    BatchHeader header = message_header(MessageKind::kDefinition, member);
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
  BatchHeader header = message_header(MessageKind::kEnd, member);
  header.attempt = member.state == MemberState::kDraining ? 1 : 0;
  actions_.emplace_back(
      std::in_place_type<Send>,
      Send{member.id, std::move(header), std::make_shared<const std::string>(), hash64({})});
  actions_.emplace_back(std::in_place_type<Disconnect>, Disconnect{member.id, true});
}

}  // namespace docmill

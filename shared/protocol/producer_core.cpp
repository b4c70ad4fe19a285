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
// A member that was silent this long and comes back is met as a new one.
constexpr Duration kForgetAfter = std::chrono::minutes(10);

}  // namespace

ProducerCore::ProducerCore(const ProducerSettings& settings, ProducerState state)
    : settings_(settings),
      state_(std::move(state)),
      members_(settings.member),
      round_trip_(settings.timeout),
      budget_(settings.redelivery_share, settings.window.bytes),
      durable_checkpoint_(state_.checkpoint.sequence) {
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
  for (Piece& piece : flight->pieces) {
    if (piece.first == key.first) return &piece;
  }
  return nullptr;
}

std::uint64_t ProducerCore::in_flight_documents() const {
  std::uint64_t documents = 0;
  for (const Flight& flight : window_) {
    for (const Piece& piece : flight.pieces) documents += count(piece.share);
  }
  return documents;
}

std::size_t ProducerCore::ready_members() const {
  auto& members =
      const_cast<Members&>(members_);  // NOLINT: find() has no const twin, nothing is changed
  std::size_t ready = 0;
  for (const MemberId id : members.ids()) {
    const Member* member = members.find(id);
    if (!member->dead && member->state == MemberState::kReady) ++ready;
  }
  return ready;
}

bool ProducerCore::wants_batch() const {
  if (finishing_) return false;
  if (window_.empty()) return true;
  const Sequence next = state_.checkpoint.sequence + window_.size() + 1;
  return window_.size() < settings_.window.batches &&
         window_bytes_ < settings_.window.bytes.count &&
         next - durable_checkpoint_ <= settings_.window.batches * kSpanWindows;
}

void ProducerCore::admit(Batch batch, ProducerFacts facts, Time now) {
  const Sequence expected = state_.checkpoint.sequence + window_.size() + 1;
  DOCMILL_CHECK(batch.sequence == expected, "batch {} where {} is next", batch.sequence, expected);
  const bool early = !facts.cuts.empty();
  apply(facts, state_);
  if (facts.reserved) pending_.reserved = facts.reserved;
  for (auto& cut : facts.cuts) pending_.cuts.push_back(cut);
  for (auto& plan : facts.plans) pending_.plans.push_back(std::move(plan));
  reserve(batch.sequence, early);

  Flight flight;
  if (batch.documents > 0) {
    Piece piece;
    piece.share = {{0, batch.documents}};
    flight.pieces.push_back(std::move(piece));
    waiting_.insert({batch.sequence, 0});
  }
  ++counters_.batches;
  counters_.documents += batch.documents;
  window_bytes_ += batch.payload->size();
  flight.batch = std::move(batch);
  flight.facts_needed = sends_wait_for_pending() ? ticket_ + 1 : ticket_;
  window_.push_back(std::move(flight));
  advance();
  commit_if_due(now);
  dispatch(now);
}

void ProducerCore::reserve(Sequence sequence, bool exact) {
  if (exact) {
    // The cut needs a commit of its own anyway; the block ends here, so that a restart knows more.
    block_ = 1;
    state_.reserved = sequence;
  } else if (sequence > state_.reserved) {
    block_ = std::min(block_ * 2, kLongestBlock);
    state_.reserved = sequence + block_ - 1;
  } else {
    return;
  }
  pending_.reserved = state_.reserved;
}

BatchHeader ProducerCore::header_of(const Flight& flight, const Piece& piece) const {
  const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
  BatchHeader header;
  header.condemned = piece.condemned;
  header.lineage = state_.lineage;
  header.run = state_.run;
  header.sequence = flight.batch.sequence;
  header.attempt = flight.attempts;
  header.documents = flight.batch.documents;
  header.deaths = piece.condemned ? settings_.max_deaths + piece.deaths : 0;
  header.share = piece.share;
  header.sinks = plan.sinks;
  header.processors = plan.processors;
  const auto ledger = state_.ledgers.find(owner_of(header.lineage, header.sequence, header.sinks));
  header.ledger = ledger == state_.ledgers.end() ? 0 : ledger->second;
  header.checkpoint = durable_checkpoint_;
  header.origin_hash = flight.batch.origin_hash;
  return header;
}

void ProducerCore::dispatch(Time now) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const PieceKey key = *at;
    Flight* flight = flight_of(key.sequence);
    Piece* piece = piece_of(key);
    DOCMILL_CHECK(flight != nullptr && piece != nullptr, "batch {} waits but is not there",
                  key.sequence);
    if (flight->facts_needed > durable_ticket_) return;
    if (piece->not_before > now) {
      ++at;
      continue;
    }
    Member* member = piece->alone ? members_.idle_for(key) : members_.least_loaded();
    if (member == nullptr) {
      if (!piece->alone) return;
      ++at;
      continue;
    }
    at = waiting_.erase(at);
    send(*flight, *piece, *member, now);
  }
}

void ProducerCore::send(Flight& flight, Piece& piece, Member& member, Time now) {
  ++flight.attempts;
  piece.share = flight.settled.missing(piece.share);
  piece.attempt = flight.attempts;
  piece.member = member.id;
  piece.sent_at = now;
  piece.deadline = now + round_trip_.timeout(piece.sends);
  const std::uint64_t bytes = flight.batch.payload->size();
  if (piece.sends++ == 0) budget_.sent_first(bytes);
  members_.hold(member, {flight.batch.sequence, piece.first}, {bytes, piece.attempt});
  ++counters_.sends;
  actions_.push_back(Send{member.id, header_of(flight, piece), flight.batch.payload});
}

void ProducerCore::send_definition(Member& member, std::uint64_t revision) {
  for (const PlanFrom& from : state_.plans) {
    if (from.plan.processors != revision) continue;
    BatchHeader header;
    header.kind = MessageKind::kDefinition;
    header.lineage = state_.lineage;
    header.run = state_.run;
    header.processors = revision;
    member.defined.insert(revision);
    actions_.push_back(
        Send{member.id, header, std::make_shared<const std::string>(from.plan.processors_text)});
    return;
  }
}

void ProducerCore::send_end(Member& member) {
  BatchHeader header;
  header.kind = MessageKind::kEnd;
  header.lineage = state_.lineage;
  header.run = state_.run;
  actions_.push_back(Send{member.id, header, std::make_shared<const std::string>()});
  actions_.push_back(Disconnect{member.id, true});
}

void ProducerCore::on_presence(const Presence& presence, Time now) {
  Member* member = members_.find(presence.member, presence.incarnation);
  if (member == nullptr) {
    if (presence.state == MemberState::kGone) return;
    member = &members_.add(presence, now);
    member->state = MemberState::kReady;
    actions_.push_back(Connect{member->id, member->address});
    say(LogLevel::kInfo, fmt::format("{} joined at {}", member->name, member->address));
  } else if (member->dead) {
    on_return_from_death(*member);
  }
  member->last_seen = now;
  if (presence.run == state_.run) {
    member->started = presence.started;
    for (const Presence::Returned& returned : presence.returned)
      on_returned(*member, returned, now);
  }
  if (presence.state != MemberState::kReady && member->state == MemberState::kReady) {
    member->state = MemberState::kDraining;
    member->kept_for.reset();
    say(LogLevel::kInfo, fmt::format("{} is leaving; it gets nothing more", member->name));
    send_end(*member);
  }
  if (presence.state == MemberState::kGone) {
    say(LogLevel::kInfo, fmt::format("{} left", member->name));
    members_.remove(member->id);
  }
  dispatch(now);
}

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
  finish_if_done();
  dispatch(now);
}

void ProducerCore::settle(const Ack& ack, const Ack::Entry& entry, Time now) {
  Flight* flight = flight_of(entry.sequence);
  if (flight == nullptr || flight->batch.origin_hash != entry.origin_hash || flight->whole()) {
    ++counters_.ignored;
    return;
  }
  const std::vector<std::string>& sinks = state_.plan_at(entry.sequence).plan.sinks;
  if (std::find(sinks.begin(), sinks.end(), ack.sink) == sinks.end()) {
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
  std::erase_if(flight->pieces, [&](const Piece& piece) {
    if (!flight->settled.covers(piece.share)) return false;
    const PieceKey key{entry.sequence, piece.first};
    if (piece.member && piece.sends == 1 && piece.attempt == entry.attempt) {
      round_trip_.measured(now - piece.sent_at);
    }
    if (Member* member = piece.member ? members_.find(*piece.member) : nullptr)
      member->late = false;
    members_.forget(key);
    waiting_.erase(key);
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
    window_bytes_ -= flight.batch.payload->size();
    window_.pop_front();
    checkpoint_pending_ = true;
  }
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
  checkpoint_pending_ = false;
  committing_ = true;
  committing_checkpoint_ = state_.checkpoint.sequence;
  last_commit_ = now;
  ProducerFacts pruning;
  pruning.checkpoint = state_.checkpoint;
  apply(pruning, state_);
  actions_.push_back(Commit{++ticket_, std::exchange(pending_, {})});
}

void ProducerCore::on_committed(std::uint64_t ticket, Time now) {
  DOCMILL_CHECK(committing_ && ticket == ticket_, "commit {} where {} was asked", ticket, ticket_);
  committing_ = false;
  durable_ticket_ = ticket;
  durable_checkpoint_ = committing_checkpoint_;
  commit_if_due(now);
  finish_if_done();
  dispatch(now);
}

void ProducerCore::finish(Time now) {
  if (finishing_) return;
  finishing_ = true;
  commit_if_due(now);
  finish_if_done();
}

void ProducerCore::finish_if_done() {
  if (!finishing_ || finished_ || !window_.empty() || committing_) return;
  if (state_.reserved != state_.checkpoint.sequence) {
    // An orderly end knows exactly what was sent.
    state_.reserved = state_.checkpoint.sequence;
    pending_.reserved = state_.reserved;
  }
  if (!pending_.empty() || checkpoint_pending_) return commit_if_due(last_commit_);
  finished_ = true;
  for (const MemberId id : members_.ids()) {
    Member* member = members_.find(id);
    if (!member->dead && member->state == MemberState::kReady) send_end(*member);
  }
  actions_.push_back(Finished{});
}

void ProducerCore::on_refusal(const Refusal& refusal) {
  if (refusal.lineage != state_.lineage || refusal.run != state_.run) return;
  actions_.push_back(Fatal{corrupt(
      fmt::format("sink {} refused {}: {}", refusal.sink, state_.lineage.producer, refusal.text))});
}

void ProducerCore::on_tick(Time now) {
  for (const MemberId id : members_.ids()) {
    Member* member = members_.find(id);
    const Duration silence = now - member->last_seen;
    if (member->dead && silence > kForgetAfter) members_.remove(id);
    if (!member->dead && silence > settings_.dead_after) on_death(*member, now);
  }
  on_timeouts(now);
  commit_if_due(now);
  finish_if_done();
  dispatch(now);
}

}  // namespace docmill

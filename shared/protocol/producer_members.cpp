// The part of ProducerCore that answers to heartbeats: members that join, leave and report.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// A batch that is handed back again and again waits this long, doubled each time.
constexpr Duration kFirstReturnDelay = std::chrono::milliseconds(100);
constexpr Duration kLongestReturnDelay = std::chrono::seconds(5);
// A member that is still there so long after its END is sent another: the first may be lost.
constexpr Duration kEndAgainAfter = std::chrono::seconds(5);
// A member that still lacks processors so long after it was given them is given them again.
constexpr Duration kDefinitionAgainAfter = std::chrono::seconds(5);
// Outputs that it passed on may be lost with it. For this long after it passed something on a
// member reports twice a second (transformer/heartbeats.cpp has a second more).
constexpr Duration kReportsAfterPassing = std::chrono::seconds(3);
// Later an idle member reports every 5 s, and one missing heartbeat is enough.
constexpr Duration kDeadBetweenHeartbeats = std::chrono::milliseconds(6500);
// A member that was silent this long and comes back is met as a new one.
constexpr Duration kForgetAfter = std::chrono::minutes(10);
// A link that is full of what was sent elsewhere since is replaced after so long without progress.
constexpr Duration kChokedFor = std::chrono::milliseconds(2500);

Duration return_delay(std::uint32_t returns) {
  Duration delay = kFirstReturnDelay;
  for (; returns > 0 && delay < kLongestReturnDelay; --returns) delay *= 2;
  return std::min(delay, kLongestReturnDelay);
}

const char* text_of(ReturnReason reason) {
  switch (reason) {
    case ReturnReason::kUnknownSink:
      return "has no address for a sink of it";
    case ReturnReason::kSinkUnavailable:
      return "found its sink unavailable";
    case ReturnReason::kUnknownProcessors:
      return "cannot make its processors (the log of the transformer says why, `docmill check` "
             "finds "
             "it, docs/changing-a-pipeline.md has the way out)";
    case ReturnReason::kLeaving:
      return "is leaving";
    case ReturnReason::kUnreadable:
      return "cannot read it";
  }
  return "did not say why";
}

}  // namespace

Member& ProducerCore::join(const Heartbeat& heartbeat, Time now) {
  Member& member = members_.add(heartbeat, listening_time(now));
  member.progress_at = now;
  actions_.emplace_back(std::in_place_type<Connect>,
                        Connect{member.id, member.address, member.name});
  say(LogLevel::kInfo, fmt::format("{} joined at {}", member.name, member.address));
  return member;
}

void ProducerCore::on_heartbeat(const Heartbeat& heartbeat, Time now) {
  Member* member = members_.find(heartbeat.member, heartbeat.incarnation);
  if (member == nullptr && heartbeat.state == MemberState::kGone) return;
  if (member != nullptr && member->state == MemberState::kGone) return;
  if (member == nullptr) {
    member = &join(heartbeat, now);
  } else if (member->dead) {
    on_return_from_death(*member);
  }
  hear(*member, heartbeat, now);
  replace_choked_link(*member, now);
  if (heartbeat.state != MemberState::kReady) leave(*member, heartbeat.state, now);
  expect(*member);
  dispatch(now);
}

void ProducerCore::hear(Member& member, const Heartbeat& heartbeat, Time now) {
  member.last_seen = listening_time(now);
  const bool ours = heartbeat.run == state_.run;
  member.idle = !ours || (heartbeat.queued == 0 && heartbeat.started.empty());
  if (!ours) return;
  if (member.started != heartbeat.started) {
    member.started = heartbeat.started;
    member.progress_at = now;
  }
  for (const Attempt& started : member.started) members_.take(member, started);
  for (const Attempt& passed : heartbeat.passed) {
    members_.take(member, passed);
    on_passed(member, passed, now);
  }
  for (const Heartbeat::Returned& returned : heartbeat.returned) {
    members_.take(member, Attempt{returned.sequence, returned.attempt});
    on_returned(member, returned, now);
  }
}

// A member that is heard may not be reachable, or may not read. Its link would keep each batch that
// is sent to it and then to others, and would never hold less than its limit.
void ProducerCore::replace_choked_link(Member& member, Time now) {
  if (!member.usable() || !member.held.empty() || !members_.is_choked(member)) return;
  if (now - member.progress_at < kChokedFor + member.transfer) return;
  const std::string what =
      fmt::format("{} takes nothing of what is sent to {}", member.name, member.address);
  if (const auto held_back = returned_said_.due(what, now)) {
    say(LogLevel::kWarn, fmt::format("{}; its link is replaced{}", what, more_like_it(*held_back)));
  }
  members_.unchoke(member);
  member.defined.clear();  // may have been in that link
  actions_.emplace_back(std::in_place_type<Connect>,
                        Connect{member.id, member.address, member.name});
}

// The piece that the attempt carried, if the member holds it.
Piece* ProducerCore::piece_at(const Member& member, const Attempt& attempt) {
  Flight* flight = flight_of(attempt.sequence);
  if (flight == nullptr || attempt.attempt == 0 || attempt.attempt > flight->attempts()) {
    return nullptr;
  }
  Piece* piece = piece_of({attempt.sequence, flight->carried[attempt.attempt - 1]});
  const bool holds = piece != nullptr && piece->state == PieceState::kHeld &&
                     piece->member == member.id && piece->attempt == attempt.attempt;
  return holds ? piece : nullptr;
}

void ProducerCore::on_passed(Member& member, const Attempt& attempt, Time now) {
  Piece* piece = piece_at(member, attempt);
  if (piece == nullptr) return;
  Flight& flight = *flight_of(attempt.sequence);
  if (piece->sends == 1) round_trip_.measured(now - piece->sent_at);
  members_.take(member, piece->send_order);
  member.progress_at = now;
  member.passed_at = listening_time(now);
  newest_passed_ = std::max(newest_passed_, piece->sent_at);
  pass(flight, *piece, member, now);
  members_.praise(member);
}

void ProducerCore::pass(Flight& flight, Piece& piece, Member& member, Time now) {
  const PieceKey key{flight.batch.sequence, piece.first};
  SinkPeer& sink = sink_of(flight);
  // The only member gives what travels in company as long a turn.
  if (piece.kept_by && members_.usable() == 1) alone_not_before_ = now + (now - piece.sent_at);
  stop_keeping(piece);
  members_.pass(member, key);
  piece.state = PieceState::kPassed;
  piece.passed_at = now;
  piece.pass_order = ++member.passes;
  sinks_.on_passed(sink, key, flight.batch.payload->size(), now);
  set_timer(key, piece, now + sink.trip.timeout(piece.sends - 1) + sink.transfer);
}

void ProducerCore::leave(Member& member, MemberState state, Time now) {
  if (member.state == MemberState::kReady) {
    say(LogLevel::kInfo, fmt::format("{} is leaving; it gets nothing more", member.name));
    member.state = MemberState::kDraining;
    members_.update(member);
    send_end(member, now);
  } else if (state == MemberState::kDraining && now - member.end_sent >= kEndAgainAfter) {
    actions_.emplace_back(std::in_place_type<Connect>,
                          Connect{member.id, member.address, member.name});
    send_end(member, now);
  }
  if (state != MemberState::kGone) return;
  say(LogLevel::kInfo, fmt::format("{} left", member.name));
  member.state = MemberState::kGone;
  member.started.clear();
  // What it has not passed on it has not taken.
  const auto held = member.held;
  for (const auto& [key, unused] : held) queue(key);
}

void ProducerCore::on_returned(Member& member, const Heartbeat::Returned& returned, Time now) {
  Piece* piece = piece_at(member, {returned.sequence, returned.attempt});
  if (piece == nullptr) return;
  Flight& flight = *flight_of(returned.sequence);
  const PieceKey key{returned.sequence, piece->first};
  ++counters_.returned;
  members_.take(member, piece->send_order);
  member.progress_at = now;
  const Time sent_at = piece->sent_at;
  queue(key);
  switch (returned.reason) {
    case ReturnReason::kLeaving:
      return;
    case ReturnReason::kSinkUnavailable:
      return on_sink_unavailable(flight, *piece, now);
    case ReturnReason::kUnknownProcessors: {
      const std::uint64_t revision = state_.plan_at(key.sequence).plan.processors;
      const auto defined = member.defined.find(revision);
      const bool new_to_it = defined == member.defined.end();
      // What was sent before the definition came back because of that; the definition is on its
      // way. What was sent after it comes back because the member cannot make them, or because the
      // definition was lost.
      const bool on_its_way = !new_to_it && sent_at < defined->second;
      const bool lost = !new_to_it && !on_its_way && now - defined->second >= kDefinitionAgainAfter;
      if ((new_to_it || lost) && member.usable()) send_definition(member, revision, now);
      if (new_to_it || on_its_way) return;
      break;
    }
    case ReturnReason::kUnknownSink:
    case ReturnReason::kUnreadable:
      break;
  }
  members_.blame(member);
  delay(flight, *piece, now);
  const std::string what = fmt::format("{} {}", member.name, text_of(returned.reason));
  if (const auto held_back = returned_said_.due(what, now)) {
    say(LogLevel::kWarn,
        fmt::format("{} and gave batch {} back{}", what, key.sequence, more_like_it(*held_back)));
  }
}

// It waits longer each time.
void ProducerCore::delay(Flight& flight, Piece& piece, Time now) {
  unplace(flight, piece);
  set_timer({flight.batch.sequence, piece.first}, piece, now + return_delay(piece.returns));
  ++piece.returns;
}

// No fault of the member: what waits there for the sink has reached its limit.
void ProducerCore::on_sink_unavailable(Flight& flight, Piece& piece, Time now) {
  SinkPeer& sink = sink_of(flight);
  if (sink.is_keyed()) return delay(flight, piece, now);
  sinks_.on_refused(sink, now);
}

// Sets when its silence means that it is dead, or when it is forgotten.
void ProducerCore::expect(Member& member) {
  if (member.dead || member.state == MemberState::kGone) {
    return members_.expect(member, member.last_seen + kForgetAfter);
  }
  if (!member.idle) return members_.expect(member, member.last_seen + settings_.dead_after);
  Duration patience = settings_.dead_after_idle;
  if (!member.passed.empty()) {
    const bool reports = member.last_seen - member.passed_at < kReportsAfterPassing;
    patience = std::min(patience, reports ? settings_.dead_after : kDeadBetweenHeartbeats);
  }
  Time deadline = member.last_seen + patience;
  // Heartbeats of an idle member are rare, so its silence counts from the question. It answers a
  // large one when it has all of it, and sends its rare heartbeats meanwhile.
  if (!member.held.empty()) {
    const Time asked = std::max(member.last_seen, member.asked_at);
    const Duration answer = settings_.dead_after_sending + member.transfer;
    deadline = std::min(deadline, asked + std::min(answer, kDeadBetweenHeartbeats));
  }
  members_.expect(member, deadline);
}

void ProducerCore::check_members() {
  while (Member* member = members_.overdue(heard_until_)) {
    if (!member->dead && member->state != MemberState::kGone) {
      on_death(*member);
      expect(*member);
      continue;
    }
    // What it has passed on is judged without it.
    members_.remove(member->id);
  }
}

}  // namespace docmill

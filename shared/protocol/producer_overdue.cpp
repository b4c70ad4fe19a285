// The part of ProducerCore that sends again what is lost or does not progress.
//
// A member that holds a piece and progresses is believed, and so is a sink that acknowledges in
// order: time alone moves nothing. docs/guarantees.md has the rules.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// A sink that is silent this many times as long as it takes to be unavailable is sent a repeat when
// nothing new waits for it.
constexpr int kRepeatProbeFactor = 2;
constexpr Duration kMinRepeatSilence = std::chrono::seconds(4);
// Where a sink takes documents and nothing tells that a piece is lost, it is sent again after so
// many timeouts.
constexpr int kUnexplainedTimeouts = 10;
// At the end nothing new is passed on whose ack would tell.
constexpr int kTimeoutsAtTheEnd = 3;

}  // namespace

// With `order: source` a sink writes nothing before its oldest piece. While many pieces are
// overdue, the budget would go to others that the sink cannot use yet, so the oldest of each sink
// is first.
void ProducerCore::on_timers(Time now) {
  for (SinkPeer& sink : sinks_.all()) {
    if (sink.unsettled.empty()) continue;
    const PieceKey oldest = *sink.unsettled.begin();
    Piece& piece = *piece_of(oldest);
    if (piece.timer != Time{} && piece.timer <= now) {
      look_at(*flight_of(oldest.sequence), piece, now);
    }
  }
  for (auto* timers : {&timers_, &arrived_timers_}) {
    while (!timers->empty() && timers->begin()->first <= now) {
      const PieceKey key = timers->begin()->second;
      // Without budget the rest waits for the next tick.
      if (!look_at(*flight_of(key.sequence), *piece_of(key), now)) break;
    }
  }
}

// False when the piece should be sent again and the budget does not allow it.
bool ProducerCore::look_at(Flight& flight, Piece& piece, Time now) {
  const PieceKey key{flight.batch.sequence, piece.first};
  switch (piece.state) {
    case PieceState::kWaiting:
      clear_timer(key, piece);
      enlist(flight, piece);
      return true;
    case PieceState::kHeld:
      return look_at_held(flight, piece, now);
    case PieceState::kPassed:
      return look_at_passed(flight, piece, now);
    case PieceState::kArrived:
      if (sink_of(flight).available) return resend(flight, piece, now);
      queue(key);  // to be sent when the sink is available, or as a probe
      return true;
  }
  return true;
}

// The budget applies to all but the oldest piece of a sink.
bool ProducerCore::may_repeat(const Flight& flight, const Piece& piece, Time now) {
  const bool granted = budget_.grant(flight.batch.payload->size(), now, round_trip_.timeout(0));
  const PieceKey key{flight.batch.sequence, piece.first};
  return granted || *sinks_.at(flight.sink).unsettled.begin() == key;
}

bool ProducerCore::resend(const Flight& flight, Piece& piece, Time now) {
  if (!may_repeat(flight, piece, now)) return false;
  ++counters_.timeouts;
  queue({flight.batch.sequence, piece.first});
  return true;
}

bool ProducerCore::look_at_held(Flight& flight, Piece& piece, Time now) {
  const PieceKey key{flight.batch.sequence, piece.first};
  Member& member = *members_.find(*piece.member);
  const Duration timeout = round_trip_.timeout(0);
  if (!sink_of(flight).available) {
    // Neither the member nor the piece is at fault. What an idle member does not have was lost.
    if (member.idle) {
      queue(key);
    } else {
      set_timer(key, piece, now + timeout);
    }
    return true;
  }
  if (member.usable() && is_started(member, flight, piece)) {
    if (is_believed(flight, piece)) {
      member.late = true;
      members_.update(member);
      set_timer(key, piece, now + timeout);
      return true;
    }
  } else if (!member.idle) {
    if (piece.send_order < member.taken) {
      // What was sent after it was started before it: it has left the member, or never came there.
      pass(flight, piece, member, now);
      return true;
    }
    if (!is_overtaken(piece, member, now)) {
      set_timer(key, piece, now + timeout);
      return true;
    }
  }
  if (!may_repeat(flight, piece, now)) return false;
  members_.blame(member);
  // Members were kept free for what does not come to an end; the others get as long a turn.
  if (piece.alone) alone_not_before_ = now + (now - piece.sent_at);
  ++counters_.timeouts;
  queue(key);
  return true;
}

bool ProducerCore::is_started(const Member& member, const Flight& flight,
                              const Piece& piece) const {
  return std::any_of(member.started.begin(), member.started.end(), [&](const Attempt& started) {
    return started.sequence == flight.batch.sequence && started.attempt > 0 &&
           started.attempt <= flight.attempts() &&
           flight.carried[started.attempt - 1] == piece.first;
  });
}

// A member that is alive and says that it works on it is believed: one document that never ends
// must not take one member after the other. It is tried at one more, which may be the faster one,
// as long as another stays free; those that end over it are counted.
bool ProducerCore::is_believed(const Flight& flight, const Piece& piece) {
  if (members_.usable() <= 2) return true;
  const std::set<MemberId> tried(piece.tried.begin(), piece.tried.end());
  return std::any_of(tried.begin(), tried.end(), [&](const MemberId id) {
    const Member* member = members_.find(id);
    return member != nullptr && id != *piece.member && member->usable() &&
           is_started(*member, flight, piece);
  });
}

// Another member is free to take it, and this one stands still, or is so slow that pieces that were
// sent a whole timeout later have been passed on elsewhere.
bool ProducerCore::is_overtaken(const Piece& piece, const Member& member, Time now) {
  const Member* other = members_.least_loaded(true);
  if (other == nullptr || other->id == member.id || other->late) return false;
  const Duration timeout = round_trip_.timeout(0);
  if (now - member.progress_at >= timeout) return true;
  return newest_passed_ - piece.sent_at > timeout;
}

bool ProducerCore::look_at_passed(Flight& flight, Piece& piece, Time now) {
  const SinkPeer& sink = sink_of(flight);
  if (sink.is_keyed() || is_lost(sink, piece, now)) return resend(flight, piece, now);
  set_timer({flight.batch.sequence, piece.first}, piece, now + sink.trip.timeout(0));
  return true;
}

// A sink takes what one member has passed on in order. So a piece is lost when the sink has acked a
// later one of the same member, or one that was sent when the sink had been silent.
bool ProducerCore::is_lost(const SinkPeer& sink, const Piece& piece, Time now) {
  if (!sink.available) return false;
  if (piece.passed_at < sink.lost_before) return true;
  const Member* member = members_.find(*piece.member);
  const Duration timeout = sink.trip.timeout(0);
  if (member != nullptr && member->state != MemberState::kGone) {
    const auto acked = member->acked.find(sink.id);
    if (acked != member->acked.end() && acked->second > piece.pass_order) return true;
  } else if (now - piece.passed_at >= timeout + sink.transfer) {
    return true;  // its member has left: nothing later of it will tell
  }
  const int timeouts = finishing_ ? kTimeoutsAtTheEnd : kUnexplainedTimeouts;
  return now - piece.passed_at > timeouts * timeout + sink.transfer;
}

// What goes to a sink that is unavailable: one piece, then another after a while. A piece that
// waits for it, or else one that may be on its way.
void ProducerCore::probe_sinks(Time now) {
  for (SinkPeer& sink : sinks_.all()) {
    if (sink.available) continue;
    const Duration silence = now - sink.silent_since;
    const std::size_t waiting = sink.waiting() + sink.outstanding;
    if (silence > kSilenceWorthALine && waiting > 0) {
      if (silence_said_.due(sink.name, now)) {
        say(LogLevel::kWarn,
            fmt::format(
                "sink {} has acknowledged nothing for {} s; {} batches wait for it", sink.name,
                std::chrono::duration_cast<std::chrono::seconds>(silence).count(), waiting));
      }
    }
    const Duration repeat_after =
        std::max(kRepeatProbeFactor * sink.trip.timeout(0), kMinRepeatSilence) + sink.transfer;
    const bool long_enough = silence > repeat_after;
    if (!sink.is_open(now) || sink.waiting() > 0 || sink.passed.empty() || !long_enough) continue;
    ++counters_.timeouts;
    queue(*sink.passed.begin());
  }
}

void ProducerCore::miss_members(Time now) {
  if (window_.empty() || members_.usable() > 0) return alone_since_.reset();
  if (!alone_since_) alone_since_ = now;
  const Duration alone = now - *alone_since_;
  if (alone <= kSilenceWorthALine || !silence_said_.due("no transformer", now)) return;
  say(LogLevel::kWarn,
      fmt::format("no transformer has joined for {} s; {} batches wait for one",
                  std::chrono::duration_cast<std::chrono::seconds>(alone).count(), window_.size()));
}

}  // namespace docmill

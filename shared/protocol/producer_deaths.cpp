// The part of ProducerCore that answers to members: silence, return, timeouts, and suspicion of
// documents.
//
// Only a death counts against a document, and only against the batch that the member had started or
// held alone; timeouts, outages and orderly leaving never do.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// A batch that is handed back again and again waits this long, doubled each time.
constexpr Duration kFirstReturnDelay = std::chrono::milliseconds(100);
constexpr Duration kLongestReturnDelay = std::chrono::seconds(5);

}  // namespace

void ProducerCore::queue(PieceKey key) {
  if (Piece* piece = piece_of(key)) {
    if (piece->member) members_.release(*piece->member, key);
    piece->member.reset();
    waiting_.insert(key);
  }
}

void ProducerCore::on_death(Member& member, Time now) {
  member.dead = true;
  ++counters_.deaths;
  actions_.push_back(Disconnect{member.id, false});
  blame(member);
  std::size_t moved = 0;
  const auto held = member.held;
  for (const auto& [key, unused] : held) {
    Piece* piece = piece_of(key);
    if (piece == nullptr || piece->member != member.id) continue;
    ++piece->brushes;
    ++moved;
    queue(key);
    escalate(key.sequence, key.first);
  }
  counters_.moved += moved;
  member.held.clear();
  member.held_bytes = 0;
  member.kept_for.reset();
  const auto silence =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - member.last_seen);
  say(LogLevel::kWarn, fmt::format("{} is silent for {} ms; {} of its batches go to others",
                                   member.name, silence.count(), moved));
}

void ProducerCore::blame(Member& member) {
  for (const auto& [key, held] : member.held) {
    const bool started = member.started && member.started->sequence == key.sequence &&
                         member.started->attempt == held.attempt;
    const bool only_one = !member.started && member.held.size() == 1;
    Piece* piece = piece_of(key);
    if (piece == nullptr || !(started || only_one)) continue;
    ++piece->deaths;
    member.blamed.insert(key);
  }
}

void ProducerCore::on_return_from_death(Member& member) {
  // It was paused or cut off, not dead: what was counted against documents was not their doing.
  for (const PieceKey key : member.blamed) {
    Piece* piece = piece_of(key);
    if (piece != nullptr && piece->deaths > 0 && !piece->condemned) --piece->deaths;
  }
  member.blamed.clear();
  member.dead = false;
  member.started.reset();
  actions_.push_back(Connect{member.id, member.address});
  say(LogLevel::kInfo, fmt::format("{} is back", member.name));
}

void ProducerCore::escalate(Sequence sequence, std::uint32_t first) {
  Flight* flight = flight_of(sequence);
  Piece* piece = piece_of({sequence, first});
  if (piece->condemned) return;
  if (piece->suspect) {
    if (piece->deaths == 0) return;
    piece->condemned = true;
    piece->alone = false;
    ++counters_.condemned;
    say(LogLevel::kError,
        fmt::format(
            "document {} of batch {} ends the transformers that parse it; it becomes a dead letter",
            first, sequence));
    return;
  }
  if (piece->deaths < settings_.max_deaths) {
    // Not known to be at fault, but near too many deaths: alone, the next one would say it.
    piece->alone = piece->alone || piece->brushes >= settings_.max_deaths;
    return;
  }
  say(LogLevel::kWarn,
      fmt::format(
          "batch {} was worked on when {} transformers ended; it goes on document by document",
          sequence, piece->deaths));
  const Share share = flight->settled.missing(piece->share);
  members_.forget({sequence, first});
  waiting_.erase({sequence, first});
  std::erase_if(flight->pieces, [first](const Piece& old) { return old.first == first; });
  for (const Span& span : share) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      Piece single;
      single.first = index;
      single.share = {{index, index + 1}};
      single.alone = true;
      single.suspect = true;
      flight->pieces.push_back(std::move(single));
      waiting_.insert({sequence, index});
    }
  }
}

void ProducerCore::on_returned(Member& member, const Presence::Returned& returned, Time now) {
  const auto held = std::find_if(member.held.begin(), member.held.end(), [&](const auto& entry) {
    return entry.first.sequence == returned.sequence && entry.second.attempt == returned.attempt;
  });
  if (held == member.held.end()) return;
  const PieceKey key = held->first;
  Piece* piece = piece_of(key);
  if (piece == nullptr || piece->member != member.id) return;
  ++counters_.returned;
  queue(key);
  const std::uint64_t revision = state_.plan_at(key.sequence).plan.processors;
  if (returned.reason == ReturnReason::kUnknownProcessors && !member.defined.contains(revision)) {
    send_definition(member, revision);
    return;
  }
  Duration delay = kFirstReturnDelay;
  for (std::uint32_t i = 0; i < piece->returns && delay < kLongestReturnDelay; ++i) delay *= 2;
  ++piece->returns;
  piece->not_before = now + std::min(delay, kLongestReturnDelay);
  if (piece->returns == 1) {
    const char* reason =
        returned.reason == ReturnReason::kUnknownSink       ? "has no address for a sink of it"
        : returned.reason == ReturnReason::kSinkUnavailable ? "found its sink unavailable"
                                                            : "has not got its processors";
    say(LogLevel::kWarn,
        fmt::format("{} {} and gave batch {} back", member.name, reason, key.sequence));
  }
}

void ProducerCore::on_timeouts(Time now) {
  for (Flight& flight : window_) {
    for (Piece& piece : flight.pieces) {
      if (!piece.member || piece.deadline > now) continue;
      if (!budget_.grant(flight.batch.payload->size(), now, round_trip_.timeout(0))) return;
      if (Member* member = members_.find(*piece.member)) member->late = true;
      ++counters_.timeouts;
      queue({flight.batch.sequence, piece.first});
    }
  }
}

}  // namespace docmill

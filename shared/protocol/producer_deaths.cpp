// The part of ProducerCore that answers to silence: what a death moves, and what it says of a
// document.
//
// Only a death counts against a document, and only against the batch that the member had started or
// held alone; timeouts, outages and orderly leaving never do. The news of what was started is often
// lost with the member, so what is near too many deaths travels alone, where the next one is plain.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {

void ProducerCore::on_death(Member& member, Time now) {
  if (member.state == MemberState::kReady) {
    actions_.emplace_back(std::in_place_type<Disconnect>, Disconnect{member.id, false});
  }
  member.dead = true;
  ++counters_.deaths;
  member.kept_for.reset();
  const std::optional<PieceKey> suspect = suspect_of(member);
  if (suspect) {
    ++piece_of(*suspect)->deaths;
    member.blamed.insert(*suspect);
  }
  std::vector<PieceKey> moved;
  for (const auto& [key, unused] : member.held) moved.push_back(key);
  for (const PieceKey key : moved) {
    ++piece_of(key)->brushes;
    queue(key);
    escalate(key);
  }
  // A batch that timed out here was moved before, but may be what ended the member.
  if (suspect && std::find(moved.begin(), moved.end(), *suspect) == moved.end()) escalate(*suspect);
  counters_.moved += moved.size();
  const auto silence =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - member.last_seen);
  say(LogLevel::kWarn, fmt::format("{} is silent for {} ms; {} of its batches go to others",
                                   member.name, silence.count(), moved.size()));
}

std::optional<PieceKey> ProducerCore::suspect_of(const Member& member) {
  if (member.started) {
    Flight* flight = flight_of(member.started->sequence);
    const std::uint32_t attempt = member.started->attempt;
    if (flight != nullptr && attempt > 0 && attempt <= flight->attempts()) {
      const PieceKey key{member.started->sequence, flight->carried[attempt - 1]};
      // What has arrived at its sink had left the member before it died. A document that travels
      // alone by now is not known by what its whole batch did.
      const Piece* piece = piece_of(key);
      if (piece != nullptr && !piece->arrived && attempt > piece->attempts_before) return key;
    }
  }
  if (member.held.size() == 1) return member.held.begin()->first;
  return std::nullopt;
}

void ProducerCore::on_return_from_death(Member& member) {
  // It was paused or cut off, not dead: what was counted against documents was not their doing.
  for (const PieceKey key : member.blamed) {
    Piece* piece = piece_of(key);
    if (piece != nullptr && piece->deaths > 0 && !piece->condemned) --piece->deaths;
  }
  member.blamed.clear();
  member.dead = false;
  member.state = MemberState::kReady;
  member.started.reset();
  actions_.emplace_back(std::in_place_type<Connect>,
                        Connect{member.id, member.address, member.name});
  say(LogLevel::kInfo, fmt::format("{} is back", member.name));
}

void ProducerCore::escalate(PieceKey key) {
  Flight* flight = flight_of(key.sequence);
  Piece* piece = piece_of(key);
  if (piece->condemned) return;
  if (piece->suspect) {
    if (piece->deaths <= settings_.max_deaths) return;
    piece->condemned = true;
    piece->alone = false;
    ++counters_.condemned;
    say(LogLevel::kError,
        fmt::format(
            "document {} of batch {} ends the transformers that parse it; it becomes a dead letter",
            key.first, key.sequence));
  } else if (piece->deaths >= settings_.max_deaths) {
    return split(*flight, *piece);
  } else {
    // Not known to be at fault, but near too many deaths: alone, the next one would say it.
    piece->alone = piece->alone || piece->brushes >= settings_.max_deaths;
  }
  if (!piece->member) queue(key);
}

// A sink says that it will never write these. When all of the list say so, their owner may.
void ProducerCore::on_void(Flight& flight, const SettledSpan& span, const std::string& sink) {
  const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
  if (!plan.keyed) return;
  for (const Span& left : flight.settled.missing({{span.begin, span.end}})) {
    for (std::uint32_t index = left.begin; index < left.end; ++index) {
      const auto found =
          std::find_if(flight.pieces.begin(), flight.pieces.end(),
                       [index](const Piece& piece) { return contains(piece.share, index); });
      if (found == flight.pieces.end()) continue;
      Piece& piece = found->condemned
                         ? *found
                         : condemn_apart(flight, {flight.batch.sequence, found->first}, index);
      if (!piece.voided_at.insert(sink).second) continue;
      if (piece.voided_at.size() < plan.sinks.size()) continue;
      piece.sends = 0;
      queue({flight.batch.sequence, index});
    }
  }
}

// A document that an earlier run had condemned, among others that it had not.
Piece& ProducerCore::condemn_apart(Flight& flight, PieceKey key, std::uint32_t index) {
  ++counters_.condemned;
  say(LogLevel::kError,
      fmt::format("document {} of batch {} was condemned in an earlier run; it becomes a dead "
                  "letter",
                  index, key.sequence));
  Piece rest = *piece_of(key);
  rest.share = flight.settled.missing(rest.share);
  members_.forget(key);
  unqueue(key);
  std::erase_if(flight.pieces, [&](const Piece& piece) { return piece.first == key.first; });

  Share others;
  for (const Span& span : rest.share) {
    if (span.begin < std::min(index, span.end)) {
      others.push_back({span.begin, std::min(index, span.end)});
    }
    if (std::max(index + 1, span.begin) < span.end) {
      others.push_back({std::max(index + 1, span.begin), span.end});
    }
  }
  if (!others.empty()) {
    rest.first = others.front().begin;
    rest.share = std::move(others);
    rest.member.reset();
    flight.pieces.push_back(rest);
    queue({key.sequence, rest.first});
  }
  Piece one;
  one.first = index;
  one.attempts_before = flight.attempts();
  one.share = {{index, index + 1}};
  one.suspect = true;
  one.condemned = true;
  flight.pieces.push_back(std::move(one));
  queue({key.sequence, index});
  return flight.pieces.back();
}

void ProducerCore::split(Flight& flight, const Piece& piece) {
  const Sequence sequence = flight.batch.sequence;
  const std::uint32_t first = piece.first;
  say(LogLevel::kWarn,
      fmt::format(
          "batch {} was worked on when {} transformers ended; it goes on document by document",
          sequence, piece.deaths));
  const Share share = flight.settled.missing(piece.share);
  const std::uint32_t deaths = piece.deaths;
  const std::vector<MemberId> blamed = members_.blamed_for({sequence, first});
  members_.forget({sequence, first});
  unqueue({sequence, first});
  std::erase_if(flight.pieces, [first](const Piece& old) { return old.first == first; });
  for (const Span& span : share) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      Piece single;
      single.first = index;
      single.share = {{index, index + 1}};
      single.attempts_before = flight.attempts();
      single.alone = true;
      single.suspect = true;
      single.deaths = deaths;
      flight.pieces.push_back(std::move(single));
      waiting_alone_.insert({sequence, index});
      for (const MemberId id : blamed) members_.find(id)->blamed.insert({sequence, index});
    }
  }
}

}  // namespace docmill

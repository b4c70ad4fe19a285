// The part of ProducerCore that answers to silence: what a death moves, and what it says of a
// document.
//
// Only a death counts against a document, and only against the batches that the member reported as
// started; timeouts, outages and orderly leaving never do. What was sent to a member that was dead
// already is not blamed. Where several were started, each is a suspect, and the innocent ones
// settle. The report is often lost with the member, so what is near too many deaths travels alone:
// its transformer reports the start first, and then works on nothing else.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// A batch that ends its members is divided into this many parts: few deaths find the document, and
// few messages carry the others.
constexpr std::uint64_t kParts = 16;

}  // namespace

void ProducerCore::on_death(Member& member) {
  if (member.state == MemberState::kReady) {
    actions_.emplace_back(std::in_place_type<Disconnect>, Disconnect{member.id, false});
  }
  member.dead = true;
  ++counters_.deaths;
  const std::vector<PieceKey> suspects = suspects_of(member);
  for (const PieceKey key : suspects) {
    Piece& piece = *piece_of(key);
    ++piece.deaths;
    piece.crowded = suspects.size() > 1;
    piece.blamed.push_back(member.id);
    member.blamed.insert(key);
  }
  const auto held = member.held;
  const auto passed = member.passed;
  for (const auto& [key, unused] : held) {
    ++piece_of(key)->brushes;
    queue(key);
    escalate(key);
  }
  // Their outputs may have been on their way.
  for (const PieceKey key : passed) queue(key);
  // A batch that timed out here was moved before, but may be what ended the member.
  for (const PieceKey key : suspects) {
    if (!held.contains(key)) escalate(key);
  }
  if (member.kept_for) queue(*member.kept_for);
  members_.update(member);
  const std::size_t moved = held.size() + passed.size();
  counters_.moved += moved;
  const auto silence =
      std::chrono::duration_cast<std::chrono::milliseconds>(heard_until_ - member.last_seen);
  const char* which = members_.has_successor(member) ? "the former process of " : "";
  say(LogLevel::kWarn, fmt::format("{}{} is silent for {} ms; {} of its batches go to others",
                                   which, member.name, silence.count(), moved));
}

std::vector<PieceKey> ProducerCore::suspects_of(const Member& member) {
  std::set<PieceKey> suspects;
  for (const Attempt& started : member.started) {
    Flight* flight = flight_of(started.sequence);
    if (flight == nullptr || started.attempt == 0 || started.attempt > flight->attempts()) continue;
    const PieceKey key{started.sequence, flight->carried[started.attempt - 1]};
    // What has left the member before it died did not end it. A document that travels alone by now
    // is not known by what its whole batch did.
    const Piece* piece = piece_of(key);
    if (piece == nullptr || started.attempt <= piece->attempts_before) continue;
    if (piece->state == PieceState::kArrived) continue;
    if (piece->state == PieceState::kPassed && piece->attempt == started.attempt) continue;
    suspects.insert(key);
  }
  return {suspects.begin(), suspects.end()};
}

void ProducerCore::on_return_from_death(Member& member) {
  // It was paused or cut off, not dead: what was counted against documents was not their doing.
  for (const PieceKey key : member.blamed) {
    Piece* piece = piece_of(key);
    if (piece == nullptr) continue;
    std::erase(piece->blamed, member.id);
    if (piece->deaths > 0 && !piece->condemned) --piece->deaths;
  }
  member.blamed.clear();
  member.dead = false;
  member.state = MemberState::kReady;
  member.started.clear();
  members_.unchoke(member);
  actions_.emplace_back(std::in_place_type<Connect>,
                        Connect{member.id, member.address, member.name});
  say(LogLevel::kInfo, fmt::format("{} is back", member.name));
}

void ProducerCore::escalate(PieceKey key) {
  Piece* piece = piece_of(key);
  if (piece->condemned) return;
  if (piece->suspect && count(piece->share) > 1) {
    if (piece->deaths > 0) return split(*flight_of(key.sequence), key.first);
  } else if (piece->suspect) {
    if (piece->deaths < settings_.max_deaths) return;
    piece->condemned = true;
    piece->alone = false;
    ++counters_.condemned;
    say(LogLevel::kWarn,
        fmt::format("document {} of batch {} ended {} transformers that worked on it alone; it is "
                    "sent as a dead letter",
                    key.first, key.sequence, piece->deaths));
  } else if (piece->deaths >= settings_.max_deaths) {
    return split(*flight_of(key.sequence), key.first);
  } else {
    // Not known to be at fault, but near too many deaths: alone, the next one would say it.
    piece->alone = piece->alone || piece->brushes >= settings_.max_deaths ||
                   (piece->crowded && piece->deaths + 1 >= settings_.max_deaths);
  }
  if (piece->state == PieceState::kWaiting) queue(key);
}

// A transformer that was only paused may deliver the document after it was condemned. Its sink
// decides: what came first stays.
void ProducerCore::report_condemned(const Flight& flight, std::uint32_t index) {
  const auto settled = flight.settled.within({{index, index + 1}});
  if (settled.empty()) return;
  const Sequence sequence = flight.batch.sequence;
  if (settled.front().outcome == Outcome::kDead) {
    say(LogLevel::kError,
        fmt::format(
            "document {} of batch {} is a dead letter; it ends the transformers that work on it",
            index, sequence));
  } else {
    say(LogLevel::kWarn, fmt::format("document {} of batch {} is no dead letter; a transformer "
                                     "that was taken for dead has processed it",
                                     index, sequence));
  }
}

// Each part counts its own deaths, so a document is condemned only by deaths that it caused alone.
void ProducerCore::split(Flight& flight, std::uint32_t first) {
  const Piece& piece = flight.pieces.at(first);
  const Share share = flight.settled.missing(piece.share);
  const std::uint64_t documents = count(share);
  const std::uint64_t size = (documents + kParts - 1) / kParts;
  say(LogLevel::kWarn,
      fmt::format(
          "{} documents of batch {} were worked on when {} transformer{} ended; they travel "
          "in parts of {}",
          documents, flight.batch.sequence, piece.deaths, piece.deaths == 1 ? "" : "s", size));
  Piece part;
  part.attempts_before = flight.attempts();
  part.alone = true;
  part.suspect = true;
  remove_piece(flight, first);
  std::uint64_t room = 0;
  for (Span left : share) {
    while (left.begin < left.end) {
      if (room == 0 && !part.share.empty()) {
        enlist(flight, add_piece(flight, part));
        part.share.clear();
      }
      if (part.share.empty()) {
        part.first = left.begin;
        room = size;
      }
      const auto taken =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(room, left.end - left.begin));
      part.share.push_back({left.begin, left.begin + taken});
      left.begin += taken;
      room -= taken;
    }
  }
  if (!part.share.empty()) enlist(flight, add_piece(flight, part));
}

}  // namespace docmill

// The part of ProducerCore that answers to voids: what becomes of condemned documents where outputs
// are keyed.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// The piece that has the document, which is not settled.
Piece* piece_with(Flight& flight, std::uint32_t index) {
  const auto single = flight.pieces.find(index);
  if (single != flight.pieces.end() && contains(single->second.share, index)) {
    return &single->second;
  }
  for (const std::uint32_t first : flight.wide) {
    Piece& piece = flight.pieces.at(first);
    if (contains(piece.share, index)) return &piece;
  }
  return nullptr;
}

}  // namespace

// A sink says that it will never write these. When all of the list say so, their owner may.
void ProducerCore::on_void(Flight& flight, const SettledSpan& span, const std::string& sink) {
  const Plan& plan = state_.plan_at(flight.batch.sequence).plan;
  if (!plan.keyed) return;
  for (const Span& left : flight.settled.missing({{span.begin, span.end}})) {
    for (std::uint32_t index = left.begin; index < left.end; ++index) {
      Piece* found = piece_with(flight, index);
      if (found == nullptr) continue;
      Piece& piece = found->condemned ? *found : condemn_apart(flight, found->first, index);
      if (!piece.voided_at.insert(sink).second) continue;
      if (piece.voided_at.size() < plan.sinks.size()) continue;
      piece.sends = 0;
      queue({flight.batch.sequence, index});
    }
  }
}

// A document that an earlier run had condemned, among others that it had not.
Piece& ProducerCore::condemn_apart(Flight& flight, std::uint32_t first, std::uint32_t index) {
  const Sequence sequence = flight.batch.sequence;
  ++counters_.condemned;
  say(LogLevel::kWarn,
      fmt::format("document {} of batch {} was condemned in an earlier run; it is sent as a dead "
                  "letter",
                  index, sequence));
  Piece rest;
  {
    const Piece& old = flight.pieces.at(first);
    rest.attempts_before = old.attempts_before;
    rest.attempt = old.attempt;
    rest.sends = old.sends;
    rest.deaths = old.deaths;
    rest.brushes = old.brushes;
    rest.alone = old.alone;
    rest.suspect = old.suspect;
    rest.voided_at = old.voided_at;
  }
  const Share share = flight.settled.missing(flight.pieces.at(first).share);
  remove_piece(flight, first);
  for (const Span& span : share) {
    if (span.begin < std::min(index, span.end)) {
      rest.share.push_back({span.begin, std::min(index, span.end)});
    }
    if (std::max(index + 1, span.begin) < span.end) {
      rest.share.push_back({std::max(index + 1, span.begin), span.end});
    }
  }
  if (!rest.share.empty()) {
    rest.first = rest.share.front().begin;
    enlist(flight, add_piece(flight, std::move(rest)));
  }
  Piece one;
  one.first = index;
  one.attempts_before = flight.attempts();
  one.share = {{index, index + 1}};
  one.suspect = true;
  one.condemned = true;
  Piece& added = add_piece(flight, std::move(one));
  enlist(flight, added);
  return added;
}

}  // namespace docmill

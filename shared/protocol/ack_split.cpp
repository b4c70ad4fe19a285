#include "shared/protocol/ack_split.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace docmill {
namespace {

// Encoded, see records.cpp: the frame without names; the name of a pipeline, which may be shorter;
// an entry without its spans; a span.
constexpr std::size_t kFrameBytes = 76;
constexpr std::size_t kPipelineBytes = 255;
constexpr std::size_t kEntryBytes = 25;
constexpr std::size_t kSpanBytes = 9;

}  // namespace

std::vector<Ack> split(Ack ack, std::size_t bytes) {
  const std::size_t names = ack.sink.size() + 2 * ack.lineage.producer.size();
  const std::size_t frame = kFrameBytes + kPipelineBytes + names;
  std::vector<Ack> parts;
  std::size_t room = 0;
  const auto begin_part = [&] {
    parts.push_back({ack.sink, ack.ledger, ack.lineage, ack.run, {}});
    room = bytes - std::min(bytes, frame);
  };
  for (Ack::Entry& entry : ack.entries) {
    const std::vector<SettledSpan> spans = std::move(entry.settled);
    std::size_t at = 0;
    do {
      if (parts.empty() || room < kEntryBytes + kSpanBytes) begin_part();
      const std::size_t fit = std::max<std::size_t>(1, (room - kEntryBytes) / kSpanBytes);
      const std::size_t end = std::min(spans.size(), at + fit);
      entry.settled.assign(spans.begin() + static_cast<std::ptrdiff_t>(at),
                           spans.begin() + static_cast<std::ptrdiff_t>(end));
      parts.back().entries.push_back(entry);
      room -= kEntryBytes + kSpanBytes * (end - at);
      at = end;
    } while (at < spans.size());
  }
  return parts;
}

}  // namespace docmill

// Share: a set of a batch's input documents, by index. Settled: the shares whose end is known.
//
// Union is idempotent and does not depend on order, so an acknowledgement may be lost, repeated,
// late, or of another attempt. Values; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace docmill {

// What became of an input document at a sink. The value is on the wire and on disk.
enum class Outcome : std::uint8_t {
  kDelivered = 0,
  kFiltered = 1,
  kDead = 2,
  kVoid = 3  // nothing, and nothing ever will: it is condemned, and this sink had not got it
};
inline constexpr std::size_t kOutcomes = 4;

// The documents [begin, end) of a batch.
struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  bool operator==(const Span&) const = default;
};

// Sorted, disjoint, not empty spans.
using Share = std::vector<Span>;

std::uint32_t count(const Share& share);
// O(log n) in the number of spans.
bool contains(const Share& share, std::uint32_t index);
// Whether the share contains all of the part; O(m log n).
bool covers(const Share& share, const Share& part);

struct SettledSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Outcome outcome = Outcome::kDelivered;
  bool operator==(const SettledSpan&) const = default;
};

// How many documents came to each outcome, by its value.
using OutcomeCounts = std::array<std::uint64_t, kOutcomes>;

// Each call costs O(m log n) for m spans or indices given and n known, plus the move of the spans
// behind the change: add many at once where there are many. Appending at the end moves nothing.
class Settled {
 public:
  // Adds what is not known yet and returns how much that was; known documents keep their outcome.
  OutcomeCounts add(const SettledSpan& span) { return add(std::span(&span, 1)); }
  // The same for many spans. They should be sorted and disjoint; others are added one by one.
  OutcomeCounts add(std::span<const SettledSpan> sorted);
  // The document is dead instead of delivered; false when it was not delivered.
  bool bury(std::uint32_t index) { return bury(std::span(&index, 1)) == 1; }
  // The same for many documents, which must be sorted; returns how many were delivered.
  std::uint32_t bury(std::span<const std::uint32_t> sorted);
  // Removes void documents within the share.
  void forget_void(const Share& share);
  bool covers(const Share& share) const;
  // Whether all documents of a batch of that size are settled; O(1).
  bool whole(std::uint32_t documents) const;
  // The part of the share that is not settled.
  Share missing(const Share& share) const;
  // Sorted and disjoint; neighbours with the same outcome are one span.
  const std::vector<SettledSpan>& spans() const { return spans_; }
  // The part of the settled spans that lies within the share.
  std::vector<SettledSpan> within(const Share& share) const;

  bool operator==(const Settled&) const = default;

 private:
  std::size_t first_behind(std::uint32_t index) const;
  void replace(std::size_t first, std::size_t last, std::vector<SettledSpan> with);

  std::vector<SettledSpan> spans_;
  std::uint64_t documents_ = 0;  // in the spans
};

}  // namespace docmill

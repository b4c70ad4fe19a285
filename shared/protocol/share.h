// Share: a set of a batch's input documents, by index. Settled: the shares whose end is known.
//
// Union is idempotent and does not depend on order, so an acknowledgement may be lost, repeated,
// late, or of another attempt. Values; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
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
bool contains(const Share& share, std::uint32_t index);

struct SettledSpan {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  Outcome outcome = Outcome::kDelivered;
  bool operator==(const SettledSpan&) const = default;
};

// How many documents came to each outcome, by its value.
using OutcomeCounts = std::array<std::uint64_t, kOutcomes>;

class Settled {
 public:
  // Adds what is not there yet and returns how much that was. What is there keeps its outcome.
  OutcomeCounts add(const SettledSpan& span);
  // What was delivered is dead after all; false when it was not delivered.
  bool bury(std::uint32_t index);
  // Takes out what is void within the share.
  void forget_void(const Share& share);
  bool covers(const Share& share) const;
  bool whole(std::uint32_t documents) const;
  // The part of the share that is not settled.
  Share missing(const Share& share) const;
  // Sorted and disjoint; neighbours of one outcome are one span.
  const std::vector<SettledSpan>& spans() const { return spans_; }
  // The part of the settled spans that lies within the share.
  std::vector<SettledSpan> within(const Share& share) const;

  bool operator==(const Settled&) const = default;

 private:
  std::vector<SettledSpan> spans_;
};

}  // namespace docmill

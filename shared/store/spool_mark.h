// How far the spool of an output is committed: which of its documents wait, and what became of the
// others.
//
// The ledger keeps it in the transaction that settles documents as spilled and commits their dead
// letters: a number that is in no range was answered for, or never committed. Values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace docmill {

// Numbers of a spool, first and last included.
struct SpoolRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  bool operator==(const SpoolRange&) const = default;
};

// Documents over the life of the ledger; together, all that were spilled.
struct SpoolTotals {
  std::uint64_t delivered = 0;  // the receiver has them
  std::uint64_t refused = 0;    // dead-lettered because the receiver refused them
  std::uint64_t waiting = 0;    // on disk, for the receiver
  std::uint64_t lost = 0;       // waited, and could not be read any more

  std::uint64_t spilled() const { return delivered + refused + waiting + lost; }
  bool operator==(const SpoolTotals&) const = default;
};

struct SpoolMark {
  std::string spool;     // the name of its folder in the sink's state folder
  std::string receiver;  // who the documents wait for: a URL
  SpoolTotals totals;
  std::vector<SpoolRange> waiting;  // sorted, disjoint
  bool operator==(const SpoolMark&) const = default;
};

}  // namespace docmill

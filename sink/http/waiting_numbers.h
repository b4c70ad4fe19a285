// WaitingNumbers: which numbers of a spool are committed and not read yet, as ranges.
//
// A range may name numbers that the spool does not have: what a crash left uncommitted lies between
// ranges, what the disk lost lies inside one. A value.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "shared/store/spool_mark.h"

namespace docmill {

// Appends the range, as a part of the last one where it continues it.
void append_range(std::vector<SpoolRange>& ranges, const SpoolRange& range);

class WaitingNumbers {
 public:
  WaitingNumbers() = default;
  explicit WaitingNumbers(const std::vector<SpoolRange>& ranges)
      : ranges_(ranges.begin(), ranges.end()) {}

  bool empty() const { return ranges_.empty(); }
  // The next number to read is behind this one. Not when empty.
  std::uint64_t read_after() const { return ranges_.front().first - 1; }
  // The spool gave `found` there, the first number behind read_after(), or has nothing more. True
  // when it is one of ours; it and all before it are read then. False: look again, if not empty.
  bool take(std::optional<std::uint64_t> found);
  // life: within one life of a spool, what follows the last range continues it.
  void add(const SpoolRange& range, std::uint64_t life);

  void append_to(std::vector<SpoolRange>& ranges) const {
    for (const SpoolRange& range : ranges_) append_range(ranges, range);
  }

 private:
  std::deque<SpoolRange> ranges_;
};

}  // namespace docmill

#include "sink/http/waiting_numbers.h"

namespace docmill {

void append_range(std::vector<SpoolRange>& ranges, const SpoolRange& range) {
  if (!ranges.empty() && ranges.back().last + 1 == range.first) {
    ranges.back().last = range.last;
  } else {
    ranges.push_back(range);
  }
}

bool WaitingNumbers::take(std::optional<std::uint64_t> found) {
  SpoolRange& range = ranges_.front();
  if (!found || *found > range.last) {
    ranges_.pop_front();
    return false;
  }
  range.first = *found + 1;
  if (range.first > range.last) ranges_.pop_front();
  return true;
}

void WaitingNumbers::add(const SpoolRange& range, std::uint64_t life) {
  if (!ranges_.empty() && ranges_.back().last >= life) {
    ranges_.back().last = range.last;
  } else {
    ranges_.push_back(range);
  }
}

}  // namespace docmill

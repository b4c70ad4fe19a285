#include "sink/batch_outcomes.h"

#include <algorithm>

namespace docmill {

std::vector<bool> members_of(const Share& share, std::uint32_t documents) {
  std::vector<bool> members(documents, false);
  for (const Span& span : share) {
    std::fill(members.begin() + span.begin, members.begin() + span.end, true);
  }
  return members;
}

std::vector<SettledSpan> spans_of(const Share& share, const std::vector<Outcome>& outcomes) {
  std::vector<SettledSpan> spans;
  for (const Span& span : share) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      if (spans.empty() || spans.back().end != index || spans.back().outcome != outcomes[index]) {
        spans.push_back({index, index, outcomes[index]});
      }
      spans.back().end = index + 1;
    }
  }
  return spans;
}

}  // namespace docmill

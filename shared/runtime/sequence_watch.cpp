#include "shared/runtime/sequence_watch.h"

namespace docmill {

SequenceWatch::Look SequenceWatch::look(const std::string& topic, std::uint32_t sequence) {
  constexpr std::uint32_t kHalf = 1U << 31;
  const auto known = next_.find(topic);
  if (known == next_.end()) {
    if (next_.size() >= most_) next_.clear();
    next_.emplace(topic, sequence + 1);
    return {};
  }
  const std::uint32_t ahead = sequence - known->second;
  known->second = sequence + 1;
  if (ahead >= kHalf) return {.missed = 0, .anew = true};
  return {.missed = ahead, .anew = false};
}

}  // namespace docmill

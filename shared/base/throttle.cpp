#include "shared/base/throttle.h"

#include <fmt/format.h>

namespace docmill {

std::optional<std::uint64_t> Throttle::due(const std::string& thing, Time now) {
  const auto known = turns_.find(thing);
  if (known == turns_.end() && turns_.size() >= most_) {
    std::erase_if(turns_, [now](const auto& entry) { return entry.second.next <= now; });
  }
  const bool has_room = known != turns_.end() || turns_.size() < most_;
  Turn& turn = has_room ? turns_[thing] : others_;
  if (now < turn.next) {
    ++turn.held_back;
    return std::nullopt;
  }
  turn.next = now + every_;
  return std::exchange(turn.held_back, 0);
}

std::string more_like_it(std::uint64_t held_back) {
  return held_back == 0 ? "" : fmt::format(" ({} more like it)", held_back);
}

}  // namespace docmill

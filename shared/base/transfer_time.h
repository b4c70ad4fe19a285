// transfer_time: how long a message may be on its way only because it is large.
//
// A peer cannot answer a large message before it has received all of it, and looks silent
// meanwhile. So whoever judges a peer, a link or a message by time adds this. Ordinary messages get
// nothing: their time is part of every round trip and timeout. A value, no clock.
#pragma once

#include <algorithm>
#include <chrono>

#include "shared/base/units.h"

namespace docmill {

inline constexpr Bytes kOrdinaryMessage{1 << 20};
// For each second. A link of 100 Mbit/s is faster, and so is a disk.
inline constexpr Bytes kSlowestTransfer{8 << 20};

constexpr Duration transfer_time(std::uint64_t bytes) {
  if (bytes <= kOrdinaryMessage.count) return Duration::zero();
  // Limited, so that it can be added to a time.
  const std::uint64_t seconds = std::min<std::uint64_t>(bytes / kSlowestTransfer.count, 3600);
  const std::uint64_t rest = bytes % kSlowestTransfer.count;
  return std::chrono::seconds(seconds) +
         std::chrono::microseconds(rest * 1'000'000 / kSlowestTransfer.count);
}

}  // namespace docmill

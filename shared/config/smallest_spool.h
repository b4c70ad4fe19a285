// The smallest spool that takes a document of the largest size that a pipeline file allows.
#pragma once

#include <cstdint>

#include "shared/base/units.h"

namespace docmill {

// A spool keeps room for the segment after the one that is full: a quarter of it, 64 MiB at most
// (shared/store/spool.cpp). A record also has a key, a source and metadata.
constexpr Bytes smallest_spool(Bytes document) {
  constexpr std::uint64_t kMiB = 1 << 20;
  constexpr std::uint64_t kRecordOverhead = 8 << 10;
  constexpr std::uint64_t kLargestSegment = 64 * kMiB;
  const std::uint64_t record = document.count + kRecordOverhead;
  const bool in_quarters = record <= 3 * kLargestSegment;
  const std::uint64_t least = in_quarters ? (record * 4 + 2) / 3 : record + kLargestSegment;
  return {(least + kMiB - 1) / kMiB * kMiB};
}

}  // namespace docmill

// The sizes that a spool (shared/store/spool.h) and the check of a pipeline file agree on.
#pragma once

#include <cstdint>

#include "shared/base/units.h"

namespace docmill {

// A segment holds settled records until all of it is settled, so it is small beside a disk.
inline constexpr std::uint64_t kSpoolSegmentBytes = 16 << 20;

// The smallest spool that takes a document of the largest size that a pipeline file allows: a spool
// keeps room for the segment after the one that is full, a quarter of it or kSpoolSegmentBytes. A
// record also has a key, a source and metadata.
constexpr Bytes smallest_spool(Bytes document) {
  constexpr std::uint64_t kMiB = 1 << 20;
  constexpr std::uint64_t kRecordOverhead = 8 << 10;
  const std::uint64_t record = document.count + kRecordOverhead;
  const bool in_quarters = record <= 3 * kSpoolSegmentBytes;
  const std::uint64_t least = in_quarters ? (record * 4 + 2) / 3 : record + kSpoolSegmentBytes;
  return {(least + kMiB - 1) / kMiB * kMiB};
}

}  // namespace docmill

// The largest values that the pipeline file may have where other limits follow from them.
#pragma once

#include "shared/base/units.h"

namespace docmill {

inline constexpr Bytes kLargestDocument{1 << 30};   // limits.document
inline constexpr Bytes kLargestBatch{64 << 20};     // producer.batch.bytes
inline constexpr Bytes kLargestSpill{1ULL << 50};   // an output's spill; twice of it fits 64 bits
inline constexpr Bytes kLargestWindow{1ULL << 40};  // producer.window.bytes

}  // namespace docmill

// The documents of a batch by index: which are in a share, and what became of each.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/protocol/share.h"

namespace docmill {

// Whether each document of a batch is in the share.
std::vector<bool> members_of(const Share& share, std::uint32_t documents);
// One outcome for each index; runs of the same become one span.
std::vector<SettledSpan> spans_of(const Share& share, const std::vector<Outcome>& outcomes);

}  // namespace docmill

// CountedOperations: the basic blocks that the delivering code has run: shared/protocol and the
// stages' own code, compiled once more to count them. The same input gives the same number on every
// run and every machine.
#pragma once

#include <cstdint>

namespace docmill {

// Since the program began. 0: this build does not count.
std::uint64_t counted_operations();

}  // namespace docmill

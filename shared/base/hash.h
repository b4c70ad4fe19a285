// XXH3, 64 bits: it finds accidents (a file that changed under way, a damaged frame), not
// attackers.
#pragma once

#include <cstdint>
#include <string_view>

namespace docmill {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace docmill

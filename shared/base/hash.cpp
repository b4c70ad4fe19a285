#include "shared/base/hash.h"

#include <xxhash.h>
#ifdef __x86_64__
// Chooses the widest vectors that the machine has; the hash is the same.
#include <xxh_x86dispatch.h>
#endif

namespace docmill {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace docmill

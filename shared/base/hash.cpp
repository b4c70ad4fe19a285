#include "shared/base/hash.h"

#include <xxhash.h>
#ifdef __x86_64__
// Chooses the widest vectors that the machine has; the hash is the same.
#include <xxh_x86dispatch.h>
#endif

#include "shared/base/check.h"

namespace docmill {

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

RunningHash::RunningHash() : state_(XXH3_createState()) {
  DOCMILL_CHECK(state_ != nullptr, "no memory for a hash");
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_.get()));
}

void RunningHash::Free::operator()(void* state) const {
  XXH3_freeState(static_cast<XXH3_state_t*>(state));
}

void RunningHash::add(std::string_view bytes) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_.get()), bytes.data(), bytes.size());
}

std::uint64_t RunningHash::value() const {
  return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_.get()));
}

std::uint64_t RunningHash::value_with(std::string_view bytes) const {
  RunningHash copy;
  XXH3_copyState(static_cast<XXH3_state_t*>(copy.state_.get()),
                 static_cast<const XXH3_state_t*>(state_.get()));
  copy.add(bytes);
  return copy.value();
}

}  // namespace docmill

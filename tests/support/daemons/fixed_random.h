// FixedRandom: while it lives, random_number() and random_number_of_now() come from a seed.
//
// Without one they are the kernel's, as in shared/base/random.h: the program that links this has
// its own of both functions. One at a time; one thread.
#pragma once

#include <cstdint>

namespace docmill::daemons {

class FixedRandom {
 public:
  explicit FixedRandom(std::uint64_t seed);
  ~FixedRandom();
  FixedRandom(const FixedRandom&) = delete;
  FixedRandom& operator=(const FixedRandom&) = delete;
};

}  // namespace docmill::daemons

#include "tests/support/daemons/fixed_random.h"

#include <optional>

#include "shared/base/random.h"
#include "tests/simulation/dice.h"

namespace {

std::optional<docmill::simulation::Dice> dice;  // NOLINT: of the seed that runs
std::uint64_t epochs = 0;                       // NOLINT

}  // namespace

namespace docmill {

std::uint64_t random_number() {
  if (!dice) dice.emplace(1);
  return dice->roll() | 1;
}

std::uint64_t random_number_of_now() { return (++epochs << 21) | (random_number() >> 43); }

}  // namespace docmill

namespace docmill::daemons {

FixedRandom::FixedRandom(std::uint64_t seed) {
  dice.emplace(seed ^ 0x5eed);
  epochs = 1'000'000;
}

FixedRandom::~FixedRandom() { dice.reset(); }

}  // namespace docmill::daemons

// Dice: every choice of a simulation, from one seed. A value.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/base/units.h"

namespace docmill::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  // SplitMix64 (Steele, Lea and Flood, 2014).
  std::uint64_t roll() {
    std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  std::uint64_t below(std::uint64_t end) { return roll() % end; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return least + below(most - least + 1);
  }
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  Duration time(Duration least, Duration most) {
    return Duration(static_cast<std::int64_t>(between(static_cast<std::uint64_t>(least.count()),
                                                      static_cast<std::uint64_t>(most.count()))));
  }
  template <typename T>
  T& pick(std::vector<T>& among) {
    return among[below(among.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace docmill::simulation

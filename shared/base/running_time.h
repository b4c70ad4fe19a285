// RunningTime: a clock that stands still while the process does not run: stopped by a signal, in a
// frozen container, on a machine that sleeps.
//
// Whoever measures how long others take must not count time in which nobody could have done
// anything. The loop that measures asks it often; a gap between two questions that is longer than
// any turn of that loop was such a stop. A value.
#pragma once

#include <chrono>
#include <optional>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

class RunningTime {
 public:
  // The time now, without the stops since the first call.
  Time at(Time now) {
    const Duration gap = last_ ? now - *last_ : Duration::zero();
    // A little counts, so that a deadline is reached on a machine that is too slow as well.
    if (gap > kLongestTurn) stopped_ += gap - kCounted;
    last_ = now;
    return now - stopped_;
  }

 private:
  static constexpr Duration kLongestTurn = std::chrono::milliseconds(750);
  static constexpr Duration kCounted = std::chrono::milliseconds(25);

  std::optional<Time> last_;
  Duration stopped_{0};
};

}  // namespace docmill

// RoundTrip: how long to wait for an acknowledgement before sending again.
//
// Smoothed round trip and variation as in RFC 6298; only first attempts are measured (Karn and
// Partridge, 1987), since the answer to a repeated batch does not say which attempt it answers. No
// clock; a value.
#pragma once

#include <algorithm>
#include <chrono>

#include "shared/base/units.h"

namespace docmill {

struct TimeoutLimits {
  Duration first = std::chrono::seconds(3);  // until the first round trip is known
  Duration least = std::chrono::seconds(1);
  Duration most = std::chrono::seconds(60);
};

class RoundTrip {
 public:
  explicit RoundTrip(const TimeoutLimits& limits) : limits_(limits) {}

  // The time from a first attempt's sending to its acknowledgement.
  void measured(Duration trip) {
    if (smoothed_ == Duration::zero()) {
      smoothed_ = trip;
      variation_ = trip / 2;
      return;
    }
    variation_ += (std::max(trip - smoothed_, smoothed_ - trip) - variation_) / 4;
    smoothed_ += (trip - smoothed_) / 8;
  }

  // For the batch's n-th repetition, n from 0: doubles each time.
  Duration timeout(unsigned repetitions) const {
    Duration base = smoothed_ == Duration::zero() ? limits_.first : smoothed_ + 4 * variation_;
    base = std::clamp(base, limits_.least, limits_.most);
    for (; repetitions > 0 && base < limits_.most; --repetitions) base *= 2;
    return std::min(base, limits_.most);
  }

 private:
  TimeoutLimits limits_;
  Duration smoothed_{0};
  Duration variation_{0};
};

}  // namespace docmill

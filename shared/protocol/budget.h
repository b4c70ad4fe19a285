// Budget: timeouts may send again only a share of the traffic, but never less than one batch for
// each timeout.
//
// So slowness is not answered with load, and silence is not answered with silence. No clock; a
// value.
#pragma once

#include <algorithm>
#include <cstdint>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

class Budget {
 public:
  // share: repeated bytes for each byte sent for the first time. burst: the most that is saved up.
  Budget(double share, Bytes burst) : share_(share), burst_(static_cast<double>(burst.count)) {}

  void sent_first(std::uint64_t bytes) {
    saved_ = std::min(saved_ + share_ * static_cast<double>(bytes), burst_);
  }
  // What was sent again was answered: it had been lost, and the way is open. Twice as much may
  // follow, so that after an outage the pace doubles with each round trip.
  void answered_again(std::uint64_t bytes) {
    saved_ = std::min(saved_ + 2 * static_cast<double>(bytes), burst_);
  }
  // Asks to send again; granted at least once in each `floor`.
  bool grant(std::uint64_t bytes, Time now, Duration floor) {
    if (saved_ >= static_cast<double>(bytes)) {
      saved_ -= static_cast<double>(bytes);
    } else if (now - granted_ < floor && granted_ != Time{}) {
      return false;
    }
    granted_ = now;
    return true;
  }

 private:
  double share_;
  double burst_;
  double saved_ = 0;
  Time granted_{};
};

}  // namespace docmill

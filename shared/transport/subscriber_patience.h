// SubscriberPatience: how long a publisher waits for subscribers whose queue is full, so that one
// that keeps up misses nothing of a burst.
//
// A tenth of the time may be waited, and up to a second at once. One that takes nothing is not
// waited for again until it has room: it misses what is sent meanwhile. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

class SubscriberPatience {
 public:
  // clock: outlives it.
  explicit SubscriberPatience(const Clock& clock) : clock_(&clock), earned_at_(clock.now()) {}

  // The messages that follow are a group.
  void begin_group() {
    const Time now = clock_->now();
    left_ = std::min<Duration>(left_ + (now - earned_at_) / kShare, kMost);
    earned_at_ = now;
    drops_ = false;
  }
  // send(drop): false, with the message unchanged, when drop is false and a subscriber has no room.
  template <typename Send>
  void send(Send&& send) {
    if (drops_) {
      send(true);
    } else if (send(false)) {
      stuck_ = false;
    } else if (stuck_ || !send_later(send)) {
      stuck_ = drops_ = true;
      send(true);
    }
  }

 private:
  static constexpr Duration kMost = std::chrono::seconds(1);
  static constexpr int kShare = 10;
  static constexpr Duration kNap = std::chrono::milliseconds(1);

  template <typename Send>
  bool send_later(Send& send) {
    bool sent = false;
    const Time begun = clock_->now();
    while (!sent && clock_->now() - begun < left_) {
      std::this_thread::sleep_for(kNap);
      sent = send(false);
    }
    left_ -= clock_->now() - begun;
    return sent;
  }

  const Clock* clock_;
  Time earned_at_;
  Duration left_ = kMost;
  bool drops_ = false;  // for the rest of the group
  bool stuck_ = false;  // a subscriber was waited for in vain, and has had no room since
};

}  // namespace docmill

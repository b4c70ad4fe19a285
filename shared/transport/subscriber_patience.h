// SubscriberPatience: how long a publisher waits for subscribers whose queue is full, so that one
// that keeps up misses nothing of a burst.
//
// One that takes nothing for that long is not waited for again until it has room: it misses what is
// sent meanwhile. Naps are short; a group of messages waits no longer than the patience. One
// thread.
#pragma once

#include <chrono>
#include <thread>
#include <utility>

#include "shared/base/units.h"

namespace docmill {

class SubscriberPatience {
 public:
  explicit SubscriberPatience(Duration patience) : patience_(patience) {}

  // The messages that follow are a group.
  void begin_group() {
    left_ = patience_;
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
  static constexpr Duration kNap = std::chrono::milliseconds(1);

  template <typename Send>
  bool send_later(Send& send) {
    while (left_ > Duration::zero()) {
      std::this_thread::sleep_for(kNap);
      left_ -= kNap;
      if (send(false)) return true;
    }
    return false;
  }

  Duration patience_;
  Duration left_{};
  bool drops_ = false;  // for the rest of the group
  bool stuck_ = false;  // a subscriber was waited for in vain, and has had no room since
};

}  // namespace docmill

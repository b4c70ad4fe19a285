// SubscriberQueue: the group of messages that a publisher still has to send, so that subscribers
// that keep up miss nothing of a group that is larger than the queue of its socket.
//
// A message for which a subscriber has no room stays here, and the publisher goes on with other
// work. Only the next group waits for the one before it: up to a second at once, and a tenth of the
// time. A subscriber that takes nothing for a second misses the rest of its group; from then on it
// misses what it has no room for, until it has some. One thread; a group of the publisher's memory.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/units.h"

namespace docmill {

template <typename Message>
class SubscriberQueue {
 public:
  // clock: outlives it.
  explicit SubscriberQueue(const Clock& clock) : clock_(&clock), earned_at_(clock.now()) {}

  // All is sent, or dropped for subscribers that are too slow.
  bool empty() const { return next_ == group_.size(); }

  // In all calls, send(message, drop): false, with the message unchanged, when drop is false and a
  // subscriber has no room.

  // Sends what there is room for; called again and again until empty().
  template <typename Send>
  void serve(Send&& send) {
    while (!empty() && send_next(send)) continue;
    if (empty()) clear();
  }

  // Takes the next group, which is empty then. False, after at most 20 ms: the one before it is
  // still being sent; call again at once.
  template <typename Send>
  bool settle(std::vector<Message>& group, Send&& send) {
    if (group.empty()) return true;
    if (!empty()) {
      begin_to_wait();
      const Time until = clock_->now() + kSlice;
      for (serve(send); !empty() && clock_->now() < until; serve(send)) {
        std::this_thread::sleep_for(kNap);
      }
      if (!empty()) return false;
    }
    end_to_wait();
    drops_ = false;
    refused_since_.reset();
    std::swap(group_, group);
    serve(send);
    return true;
  }

  // For the end: no subscriber is waited for.
  template <typename Send>
  void drop_rest(Send&& send) {
    drops_ = true;
    serve(send);
  }

 private:
  static constexpr Duration kMost = std::chrono::seconds(1);
  static constexpr int kShare = 10;
  static constexpr Duration kSlice = std::chrono::milliseconds(20);
  static constexpr Duration kNap = std::chrono::milliseconds(1);

  template <typename Send>
  bool send_next(Send& send) {
    Message& message = group_[next_];
    if (!drops_ && send(message, false)) {
      stuck_ = false;
      refused_since_.reset();
    } else if (!drops_ && is_worth_waiting()) {
      return false;
    } else {
      if (!drops_) stuck_ = drops_ = true;
      send(message, true);
    }
    ++next_;
    return true;
  }

  bool is_worth_waiting() {
    const Time now = clock_->now();
    if (!refused_since_) refused_since_ = now;
    return !stuck_ && now - *refused_since_ < kMost &&
           (!waits_since_ || now - *waits_since_ < left_);
  }

  void begin_to_wait() {
    if (waits_since_) return;
    waits_since_ = clock_->now();
    left_ = std::min<Duration>(left_ + (*waits_since_ - earned_at_) / kShare, kMost);
    earned_at_ = *waits_since_;
  }

  void end_to_wait() {
    if (!waits_since_) return;
    left_ = std::max(Duration::zero(), left_ - (clock_->now() - *waits_since_));
    waits_since_.reset();
  }

  void clear() {
    group_.clear();
    next_ = 0;
  }

  const Clock* clock_;
  std::vector<Message> group_;
  std::size_t next_ = 0;  // of the group
  bool drops_ = false;    // for the rest of the group
  bool stuck_ = false;    // a subscriber was waited for in vain, and has had no room since
  std::optional<Time> refused_since_;  // no subscriber has made room since
  std::optional<Time> waits_since_;    // the next group waits
  Time earned_at_;
  Duration left_ = kMost;
};

}  // namespace docmill

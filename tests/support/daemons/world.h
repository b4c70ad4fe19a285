// World: what the processes of a simulated pipeline share: the time, the dice, what happens when,
// and the first thing that went wrong.
//
// One thread. Events of the same time happen in the order in which they were planned.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "tests/simulation/dice.h"

namespace docmill::daemons {

class World {
 public:
  World(std::uint64_t seed, bool trace) : dice(seed), trace_(trace) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  simulation::Dice dice;
  bool wild = false;  // the network loses, repeats and reorders single messages
  bool calm = false;  // no more faults

  Time now() const { return now_; }
  void at(Time when, std::function<void()> what) {
    events_.push({std::max(when, now_), next_++, std::move(what)});
  }
  void after(Duration delay, std::function<void()> what) { at(now_ + delay, std::move(what)); }
  // Performs the next event. False when there is none.
  bool step();
  std::uint64_t events() const { return done_; }

  void fail(std::string text);
  const std::optional<std::string>& failure() const { return failure_; }

  bool traces() const { return trace_; }
  template <typename... Values>
  void trace(fmt::format_string<Values...> format, Values&&... values) const {
    if (trace_) print(fmt::format(format, std::forward<Values>(values)...));
  }
  void print(const std::string& text) const;

 private:
  struct Event {
    Time when;
    std::uint64_t number = 0;
    std::function<void()> what;
    // The first one is the greatest one.
    bool operator<(const Event& other) const {
      return std::pair(other.when, other.number) < std::pair(when, number);
    }
  };

  static constexpr Time kBegin = Time{} + std::chrono::hours(1);

  Time now_ = kBegin;
  std::priority_queue<Event> events_;
  std::uint64_t next_ = 0;
  std::uint64_t done_ = 0;
  bool trace_;
  std::optional<std::string> failure_;
};

}  // namespace docmill::daemons

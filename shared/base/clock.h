// The time that the program acts on comes in through a Clock, so that tests can tick it.
#pragma once

#include <chrono>

namespace docmill {

// Monotonic time. Wall time is a label; all that is decided by it is which of two epochs of a
// producer is the later one (docs/decisions/0004-an-epoch-begins-with-the-time.md).
using Time = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace docmill

// Drain: the last phase of a run, in which sinks bring what waits in their spools to its receivers.
//
// Everything else is settled by then. It ends when nothing waits any more, or when no receiver has
// answered for `patience`, whether it fails or has an open request: a slow one is waited for as
// long as it answers. A value; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "shared/base/clock.h"
#include "shared/runtime/telemetry.h"

namespace docmill {

class Drain {
 public:
  enum class State { kUnknown, kWaiting, kEmpty, kGivenUp };

  Drain(const std::set<std::string>& sinks, Duration patience, Time now);

  // A status of one of the sinks, published since the drain began.
  void take(const Status& status, Time now);
  State state(Time now) const;
  // Documents that waited in all of them when they last told.
  std::uint64_t waiting() const;

 private:
  struct Sink {
    std::uint64_t waiting = 0;
    std::uint64_t answers = 0;
    // Statuses in a row without a document that waits. The first one may be older than the drain.
    int empty = 0;
    bool known = false;
  };

  std::map<std::string, Sink> sinks_;
  Duration patience_;
  Time progressed_;  // when a receiver last answered
};

}  // namespace docmill

// Backlog: limits the memory of incoming messages while a daemon does not read them.
//
// A socket limits each connection, but peers may reconnect any number of times, and messages of
// closed connections stay. So a daemon that waits for a disk, a lock or a server keeps reading: it
// keeps a limited number of messages and drops the rest, which the peers send again. Senders and
// TCP then have no reason to give the connection up. docs/decisions/0020 has the alternatives.
//
// One thread; the link outlives it.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "shared/base/clock.h"
#include "shared/base/units.h"
#include "shared/transport/frame.h"
#include "shared/transport/pull_link.h"

namespace docmill {

class Backlog {
 public:
  enum class Keep {
    kOldest,  // later messages repeat them
    kNewest,  // later messages replace them
  };

  Backlog(PullLink& link, Keep keep) : link_(link), keep_(keep) {}

  // The next message, in order of arrival. False when there is none.
  bool receive(std::vector<Frame>& message, Time now);
  // Empties the link if receive() has not been called for 8 s. Call it every few seconds.
  void relieve(Time now);
  bool holds() const { return !held_.empty(); }
  std::uint64_t dropped() const { return dropped_; }

 private:
  void hold(std::vector<Frame> message);
  bool has_room(std::uint64_t bytes) const;
  void drop_first();

  PullLink& link_;
  Keep keep_;
  std::deque<std::vector<Frame>> held_;
  std::uint64_t held_bytes_ = 0;
  std::optional<Time> read_at_;  // the last receive() or emptied link
  std::uint64_t dropped_ = 0;
};

}  // namespace docmill

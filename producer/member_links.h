// MemberLinks: the producer's links to its members, one for each, and what waits for them.
//
// A member's queue is never shared: the producer knows what was sent where. A link that cannot be
// opened for lack of a resource is tried again, and what is sent to it waits. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "producer/member_connector.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

class MemberLinks {
 public:
  MemberLinks(MemberConnector& connector, Log& log) : connector_(connector), log_(log) {}

  void connect(const Connect& action, Time now);
  void send(const Send& action, Time now);
  // most: the time that the producer has for what is still to be delivered.
  void disconnect(const Disconnect& action, Time now, Duration most);
  // Opens links that could not be opened before, and sends what did not fit.
  void flush(Time now);
  // What was sent is delivered in the background, as long as the linger lasts.
  void close_all(Time now, Duration linger);

 private:
  struct Link {
    Connect to;
    std::unique_ptr<PushLink> push;  // null: not open
    std::optional<Time> retry_at;    // when it is opened; nothing when it is open or never will be
    std::deque<std::pair<Frame, Frame>> waiting;
  };

  // Sets the push or retry_at of the link; neither after a permanent error.
  void open(Link& link, Time now);
  bool flush(Link& link, Time now);

  MemberConnector& connector_;
  Log& log_;
  std::map<MemberId, Link> links_;
  std::set<MemberId> waiting_;  // those with something that did not fit, or with a link to open
  Throttle throttle_;
};

}  // namespace docmill

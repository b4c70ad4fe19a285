// MemberLinks: the producer's links to its members, one for each, and what waits for them.
//
// A member's queue is never shared: the producer knows what was sent where. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "producer/member_connector.h"
#include "shared/base/log.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

class MemberLinks {
 public:
  MemberLinks(MemberConnector& connector, Log& log) : connector_(connector), log_(log) {}

  void connect(const Connect& action);
  void send(const Send& action, Time now);
  // most: the time that the producer has for what is still to be delivered.
  void disconnect(const Disconnect& action, Time now, Duration most);
  // Sends what did not fit before.
  void flush(Time now);
  // What was sent is delivered in the background, as long as the linger lasts.
  void close_all(Time now, Duration linger);

 private:
  struct Link {
    std::unique_ptr<PushLink> push;
    std::deque<std::pair<Frame, Frame>> waiting;
  };

  bool flush(Link& link, Time now);

  MemberConnector& connector_;
  Log& log_;
  std::map<MemberId, Link> links_;
  std::set<MemberId> waiting_;  // those with something that did not fit
};

}  // namespace docmill

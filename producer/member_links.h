// MemberLinks: the producer's sockets to its members, one PUSH for each, and what waits for them.
//
// A member's queue is never shared: the producer knows what was sent where. One thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "shared/base/log.h"
#include "shared/config/pipeline.h"
#include "shared/protocol/producer_core.h"
#include "shared/runtime/security.h"
#include "shared/transport/push_socket.h"

namespace docmill {

class MemberLinks {
 public:
  MemberLinks(const Context& context, const LimitsConfig& limits, const Security& security,
              Log& log);

  void connect(const Connect& action);
  void send(const Send& action, Time now);
  void disconnect(const Disconnect& action, Time now);
  // Sends what did not fit before.
  void flush(Time now);
  // What was sent is delivered in the background, as long as the linger lasts.
  void close_all(Time now, Duration linger);

 private:
  struct Link {
    PushSocket socket;
    std::deque<std::pair<Frame, Frame>> waiting;
  };

  bool flush(Link& link, Time now);

  Context context_;
  SocketLimits limits_;
  const Security& security_;
  Log& log_;
  std::map<MemberId, Link> links_;
  std::set<MemberId> waiting_;  // those with something that did not fit
};

}  // namespace docmill

// Heartbeats: a transformer's sockets to the producers, one PUSH for each, and when each is told
// what.
//
// News is sent at once, but not more often than every few milliseconds, and so is the first
// heartbeat after a connection. Without news there is a heartbeat four times a second while the
// member has work of that producer, once a second while it has work of others, and every 5 s while
// it is idle. One thread.
#pragma once

#include <map>
#include <string>

#include "shared/config/pipeline.h"
#include "shared/protocol/member_core.h"
#include "shared/runtime/security.h"
#include "shared/transport/context.h"
#include "shared/transport/poller.h"
#include "shared/transport/push_socket.h"

namespace docmill {

class Heartbeats {
 public:
  static Result<Heartbeats> open(const PipelineConfig& config, const Context& context,
                                 const Security& security);

  // Tells the member which producers are connected.
  void look(MemberCore& member);
  // Sends what is due.
  void tell(MemberCore& member, Time now);
  // To all producers, now.
  void tell_all(MemberCore& member, Time now);
  // When tell() has something to do again.
  Time next(const MemberCore& member) const;
  void wait_with(Poller& poller) const;
  void close(Duration linger);

 private:
  struct Link {
    PushSocket socket;
    Time sent{};  // the last attempt to
    Time busy{};  // when the member last had work of this producer
    bool full = false;
    bool connected = false;
    Duration early{0};  // the first idle heartbeat comes so much earlier
  };

  static Time due(const MemberCore& member, const std::string& producer, const Link& link);
  static void send(const std::string& producer, Link& link, MemberCore& member, Time now);

  std::map<std::string, Link> links_;
};

}  // namespace docmill

// Heartbeats: a transformer's links to the producers, and when each is told what.
//
// News is sent at once, but not more often than every few milliseconds, and so is the first
// heartbeat after a connection. Without news there is a heartbeat four times a second while the
// member has work of that producer, twice a second for 4 s after that, once a second while it has
// work of others, and every 5 s while it is idle. One thread. The links outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/protocol/member_core.h"
#include "shared/transport/push_link.h"

namespace docmill {

class Heartbeats {
 public:
  // pipeline: its name. random: spreads the first heartbeats of members that start together.
  Heartbeats(std::string pipeline, const std::map<std::string, PushLink*>& links,
             std::uint64_t random);

  // Tells the member which producers are connected.
  void look(MemberCore& member);
  // Sends what is due.
  void tell(MemberCore& member, Time now);
  // To all producers, now.
  void tell_all(MemberCore& member, Time now);
  // When tell() has something to do again.
  Time next(const MemberCore& member) const;
  void close(Duration linger);

 private:
  struct Producer {
    PushLink* link;
    Time sent{};  // the last attempt to
    Time busy{};  // when the member last had work of this producer
    bool full = false;
    bool connected = false;
    Duration early{0};  // the first idle heartbeat comes so much earlier
  };

  static Time due(const MemberCore& member, const std::string& producer, const Producer& peer);
  void send(const std::string& producer, Producer& peer, MemberCore& member, Time now) const;

  std::string pipeline_;
  std::map<std::string, Producer> producers_;
};

}  // namespace docmill

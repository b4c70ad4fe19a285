// MemberCore: a transformer's side of the protocol - accept or hand back, report, leave in order.
//
// A member is one transformer: what it accepts waits for one of its threads, is started there, and
// is passed on to a sink or handed back. It keeps no state that must survive: the producer sends
// again what is lost with it. No I/O, no clock; not thread-safe.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/protocol/header.h"
#include "shared/protocol/records.h"

namespace docmill {

struct MemberIdentity {
  std::string name;
  std::uint64_t incarnation = 0;
  std::string address;
  std::uint32_t capacity = 1;  // threads
};

class MemberCore {
 public:
  // producers: the names of all that get heartbeats. sinks: the names it has addresses for.
  MemberCore(MemberIdentity identity, std::vector<std::string> producers,
             std::set<std::string> sinks);

  // The processors of this revision are ready.
  void define(std::uint64_t revision) { revisions_.insert(revision); }

  // True: the batch waits for a thread; then started(), and passed() or hand_back(). False: it was
  // handed back, and the next heartbeat reports it.
  bool accept(const BatchHeader& header);
  // A thread works on it.
  void started(const BatchHeader& header);
  // Its outputs are on their way to the sinks.
  void passed(const BatchHeader& header);
  // Started or not: it is given back.
  void hand_back(const BatchHeader& header, ReturnReason reason);
  // Everything that it holds.
  void hand_back_all(ReturnReason reason);
  // Of what was accepted: neither passed nor handed back yet.
  std::size_t held() const { return held_; }

  void on_end(const BatchHeader& header);
  // Whether the producer can be reached now. It cannot at the start.
  void set_connected(const std::string& producer, bool connected);

  // Asks the producers for an END each, the last message that they send.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  // Draining, with nothing in hand, and no producer has anything more for it. A producer has
  // nothing more when it has answered with its END, or has ended and is not connected. One that is
  // not connected and has not ended was killed or cut off: the member waits until nothing has
  // arrived for a moment (has_rested). One that is connected and does not answer in time
  // (has_waited) is stopped or hangs, or its END came before the draining: nothing may have arrived
  // for a moment, either. What it sends later, it sends again to another member.
  bool may_leave(bool has_rested, bool has_waited) const;
  // From now on the heartbeat says that the member is gone.
  void leave() { gone_ = true; }

  // What to tell the producer now. The news stays until told().
  Heartbeat heartbeat_for(const std::string& producer) const;
  // The heartbeat was sent: its news is not repeated.
  void told(const Heartbeat& heartbeat, const std::string& producer);
  bool has_news_for(const std::string& producer) const;
  // It holds batches of the producer.
  bool is_busy_for(const std::string& producer) const;
  const std::vector<std::string>& producers() const { return producers_; }

 private:
  struct News {
    std::uint64_t epoch = 0;
    Run run;
    std::set<Attempt> queued;
    std::set<Attempt> started;
    std::vector<Attempt> passed;
    std::vector<Heartbeat::Returned> returned;
    bool untold = false;
    bool ended = false;     // by an END at any time
    bool answered = false;  // by one since it is draining
  };

  // The news for the producer's newest run. Batches of an older run are processed and not reported.
  News& news_of(const BatchHeader& header);
  void finish(const BatchHeader& header);

  MemberIdentity identity_;
  std::vector<std::string> producers_;
  std::set<std::string> sinks_;
  std::set<std::uint64_t> revisions_;
  std::map<std::string, News> news_;
  std::set<std::string> connected_;
  std::size_t held_ = 0;
  bool draining_ = false;
  bool gone_ = false;
};

}  // namespace docmill

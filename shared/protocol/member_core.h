// MemberCore: a transformer worker's side of the protocol - accept or hand back, tell presence,
// leave in order.
//
// It keeps no state that must survive: what it held is sent again by the producer. No I/O, no
// clock; not thread-safe.
#pragma once

#include <map>
#include <optional>
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
};

class MemberCore {
 public:
  // producers: the names of all that it tells its presence. sinks: the names it has addresses for.
  MemberCore(MemberIdentity identity, std::vector<std::string> producers,
             std::set<std::string> sinks);

  // The processors of this revision are ready.
  void define(std::uint64_t revision) { revisions_.insert(revision); }

  // True: work on it, then finished() or hand_back(). False: it was handed back; presence says so.
  bool accept(const BatchHeader& header);
  // What was accepted, and is neither finished nor handed back.
  const std::optional<BatchHeader>& current() const { return current_; }
  // The batch that was accepted was passed on to its sink.
  void finished();
  // The batch that was accepted could not be passed on.
  void hand_back(ReturnReason reason);
  void on_end(const BatchHeader& header);
  // Nothing waits to be worked on.
  void rest() { resting_ = true; }

  // Asks the producers for an END each: the last that they send.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  // Draining, and every producer has answered with its END. An END from before is that of a
  // producer which has ended, or has started again since: it counts when the member has waited
  // long enough for an answer, and nothing is there.
  bool may_leave(bool has_waited) const;
  // From now on presence says that the member is gone.
  void leave() { gone_ = true; }

  // What to tell the producer now. News is told once.
  Presence presence_for(const std::string& producer);
  // The producer of the batch that is worked on, or of news that was not told yet.
  std::vector<std::string> producers_with_news() const;
  bool has_news() const { return !producers_with_news().empty(); }
  bool has_news_for(const std::string& producer) const;
  const std::vector<std::string>& producers() const { return producers_; }

 private:
  struct News {
    std::uint64_t epoch = 0;
    Run run;
    std::optional<Presence::Started> started;
    std::vector<Presence::Returned> returned;
    bool untold = false;
    bool ended = false;     // by an END at any time
    bool answered = false;  // by one since it is draining
  };

  // The news for the producer's newest run; what an older run sent is worked on, but told to
  // nobody.
  News& news_of(const BatchHeader& header);

  MemberIdentity identity_;
  std::vector<std::string> producers_;
  std::set<std::string> sinks_;
  std::set<std::uint64_t> revisions_;
  std::map<std::string, News> news_;
  std::optional<BatchHeader> current_;
  bool resting_ = false;
  bool draining_ = false;
  bool gone_ = false;
};

}  // namespace docmill

// SinkPeers: what a producer knows about each sink - what waits for it, what is on its way to it,
// and whether it is available.
//
// Where the owner of a batch is known, a sink that acknowledges nothing holds back only its own
// batches. With keys each batch concerns all sinks; such batches belong to peer 0, which is always
// available. No I/O, no clock; not thread-safe.
#pragma once

#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "shared/base/clock.h"
#include "shared/protocol/flight.h"
#include "shared/protocol/round_trip.h"

namespace docmill {

// A silence of a sink that people are told of.
inline constexpr Duration kSilenceWorthALine = std::chrono::seconds(5);

struct SinkPeer {
  SinkPeer(SinkId number, std::string called, const TimeoutLimits& limits)
      : id(number), name(std::move(called)), trip(limits) {}

  SinkId id;
  std::string name;
  // Pieces that may be sent now: for the first time, again, and to an idle member only.
  std::set<PieceKey> fresh;
  std::set<PieceKey> again;
  std::set<PieceKey> alone;
  std::set<PieceKey> passed;     // on their way from a member to the sink
  Duration transfer{0};          // how long these may take because of their size
  std::set<PieceKey> unsettled;  // all of its pieces, wherever they are
  std::size_t outstanding = 0;   // held by members or passed
  // How many may be outstanding. Bounded from when members return batches because the sink takes
  // less than it is sent.
  double room = std::numeric_limits<double>::infinity();
  RoundTrip trip;  // from passed on to acked

  bool available = true;
  std::optional<Time> last_ack;
  Time waits_since{};   // for an ack: the last one, or when something was passed on after it
  Time silent_since{};  // of one that is unavailable
  Time next_probe{};
  Duration probe_delay{0};
  // A probe sent at this time was acked: what was passed on before it and is not acked is lost.
  Time lost_before{};
  std::set<PieceKey> dropped;  // what it had no room for before its turn

  bool is_keyed() const { return id == 0; }
  // Whether a piece may be sent to it now.
  bool is_open(Time now) const {
    if (available) return static_cast<double>(outstanding) < room;
    return now >= next_probe;
  }
  std::size_t waiting() const { return fresh.size() + again.size() + alone.size(); }
};

class SinkPeers {
 public:
  explicit SinkPeers(const TimeoutLimits& limits);

  SinkPeer& keyed() { return peers_.front(); }
  SinkPeer& at(SinkId id) { return peers_.at(id); }
  SinkPeer& named(const std::string& name);
  std::deque<SinkPeer>& all() { return peers_; }

  void on_passed(SinkPeer& sink, PieceKey piece, std::uint64_t bytes, Time now);
  // It is not on its way to the sink, or not any more.
  void on_not_passed(SinkPeer& sink, PieceKey piece, std::uint64_t bytes);
  // An ack: true when the sink was unavailable.
  bool on_ack(SinkPeer& sink, Time now);
  // One more piece is settled there.
  void on_settled(SinkPeer& sink, std::size_t window);
  // A member returned a piece because the sink takes nothing, or less than it is sent.
  void on_refused(SinkPeer& sink, Time now);
  // A piece is sent while it is unavailable: the next one waits longer.
  void on_probe(SinkPeer& sink, Time now);
  // Declares sinks unavailable that acknowledge nothing.
  void on_tick(Time now);

 private:
  static void lose(SinkPeer& sink, Time now);

  TimeoutLimits limits_;
  std::deque<SinkPeer> peers_;  // by id
  std::map<std::string, SinkId> by_name_;
};

}  // namespace docmill

// Members: the transformer workers that a producer knows, what each of them holds, and which one
// gets the next piece.
//
// A member is one start of one worker (name and incarnation). It is alive while its beacon comes.
// No I/O, no clock; not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/base/clock.h"
#include "shared/protocol/flight.h"
#include "shared/protocol/records.h"

namespace docmill {

// A piece by its batch and its first document, which no other piece of the batch holds. An empty
// batch has piece 0.
struct PieceKey {
  Sequence sequence = 0;
  std::uint32_t first = 0;
  auto operator<=>(const PieceKey&) const = default;
};

struct Member {
  MemberId id = 0;
  std::string name;
  std::uint64_t incarnation = 0;
  std::string address;
  // kDraining from its END on. kGone is kept for a while, so that late news does not revive it.
  MemberState state = MemberState::kReady;
  bool dead = false;
  Time last_seen{};
  Time end_sent{};
  struct Held {
    std::uint64_t bytes = 0;
    std::uint32_t attempt = 0;
  };
  std::map<PieceKey, Held> held;
  std::uint64_t held_bytes = 0;
  std::optional<Presence::Started> started;
  bool late = false;  // a piece timed out here or was handed back, and none was settled since
  // How many pieces it may hold: one when it is late, one more with each that it has settled.
  std::uint32_t room = 0;
  std::optional<PieceKey> kept_for;  // gets nothing but this piece until it is settled or moved
  std::set<PieceKey> blamed;         // pieces that its death was counted against
  std::map<std::uint64_t, Time> defined;  // processor revisions that it was given, and when

  bool usable() const { return !dead && state == MemberState::kReady; }
};

struct MemberLimits {
  std::uint32_t batches = 32;
  Bytes bytes{8 << 20};
};

class Members {
 public:
  explicit Members(const MemberLimits& limits) : limits_(limits) {}

  Member* find(MemberId id);
  Member* find(const std::string& name, std::uint64_t incarnation);
  Member& add(const Presence& presence, Time now);
  void remove(MemberId id);
  std::vector<MemberId> ids() const;
  // Those that may be given something.
  std::size_t usable() const;

  void hold(Member& member, PieceKey piece, Member::Held held);
  void release(MemberId id, PieceKey piece);
  // The piece is settled or divided: nobody holds it, is kept free for it, or is blamed for it any
  // more.
  void forget(PieceKey piece);
  // Those whose death was counted against the piece.
  std::vector<MemberId> blamed_for(PieceKey piece) const;
  // The piece may go to anybody now: nobody is kept free for it.
  void stop_keeping(PieceKey piece);

  // The ready member with the fewest bytes outstanding that has room for one more piece; one that
  // is late only when no other has room, and never with a piece that is sent again, unless all are
  // late. Null when there is none.
  Member* least_loaded(bool again);
  // A piece was not settled in time, or was handed back: what it gets next is a question.
  void blame(Member& member);
  // It has settled a piece in time.
  void praise(Member& member);
  // A ready member with nothing outstanding, kept free for this piece from now on; null until one
  // is idle.
  Member* idle_for(PieceKey piece);

 private:
  MemberLimits limits_;
  std::map<MemberId, Member> members_;
  MemberId next_ = 1;
};

}  // namespace docmill

// Members: the transformers that a producer knows, what each of them holds, and which one gets the
// next piece.
//
// A member is one start of one transformer (name and incarnation). Nothing here costs more than the
// logarithm of the number of members. No I/O, no clock; not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/clock.h"
#include "shared/protocol/flight.h"
#include "shared/protocol/records.h"

namespace docmill {

struct Member {
  MemberId id = 0;
  std::string name;
  std::uint64_t incarnation = 0;
  std::string address;
  std::uint32_t capacity = 1;  // threads
  // kDraining from its END on. kGone is kept for a while, so that late news does not revive it.
  MemberState state = MemberState::kReady;
  bool dead = false;
  Time last_seen{};
  Time asked_at{};  // when it was sent a piece while it held none
  Time end_sent{};
  Time progress_at{};                      // when it last started, passed on or gave back a piece
  std::map<PieceKey, std::uint64_t> held;  // sent and not passed on yet, with bytes
  std::uint64_t held_bytes = 0;
  std::set<PieceKey> passed;  // passed on by it, and not settled yet
  Time passed_at{};           // when it last reported that it passed one on
  std::vector<Attempt> started;
  bool idle = true;         // its last heartbeat reported nothing queued and nothing started
  std::uint64_t sends = 0;  // pieces that it was sent
  std::uint64_t taken = 0;  // the highest send order that it has started or ended
  // What its link may still have in memory: what was sent after `taken`, also when the piece has
  // gone to another member or was settled since.
  struct Untaken {
    std::uint64_t order = 0;
    std::uint64_t bytes = 0;
    Attempt attempt;
  };
  std::deque<Untaken> untaken;
  std::map<Attempt, std::uint64_t> untaken_orders;
  std::uint64_t untaken_bytes = 0;
  Duration transfer{0};      // how long `untaken` may be on its way because of its size
  std::uint64_t passes = 0;  // pieces that it has passed on
  std::map<SinkId, std::uint64_t> acked;  // the highest pass order that each sink has acked
  bool late = false;                      // a piece timed out here, and it has passed none on since
  // How many pieces it may hold: one when it is late, one more with each that it passes on.
  std::uint32_t room = 0;
  std::optional<PieceKey> kept_for;       // gets only this piece until it is passed on or moved
  std::set<PieceKey> blamed;              // pieces that its death was counted against
  std::map<std::uint64_t, Time> defined;  // processor revisions that it was given, and when

  bool usable() const { return !dead && state == MemberState::kReady; }

 private:
  friend class Members;
  struct Place {
    std::set<std::pair<std::uint64_t, MemberId>>* list = nullptr;
    std::uint64_t key = 0;
  };
  std::vector<Place> places_;  // the lists that it is in
  std::optional<Time> deadline_;
};

// For each thread of a member.
struct MemberLimits {
  std::uint32_t batches = 32;
  Bytes bytes{8 << 20};
};

class Members {
 public:
  explicit Members(const MemberLimits& limits) : limits_(limits) {}
  Members(const Members&) = delete;
  Members& operator=(const Members&) = delete;

  Member* find(MemberId id);
  Member* find(const std::string& name, std::uint64_t incarnation);
  Member& add(const Heartbeat& heartbeat, Time now);
  void remove(MemberId id);
  std::vector<MemberId> ids() const;
  // How many may be given something.
  std::size_t usable() const { return usable_ids_.size(); }
  // Whether a later start of the same transformer is known and not dead.
  bool has_successor(const Member& member);
  // Call it when anything has changed that decides what a member gets.
  void update(Member& member);

  void hold(Member& member, PieceKey piece, std::uint32_t attempt, std::uint64_t bytes);
  // It has started or ended what it was sent in this order, and so has what was sent before.
  void take(Member& member, std::uint64_t send_order);
  // The same by what it reports, whatever has become of the batch since.
  void take(Member& member, const Attempt& attempt);
  // It gets nothing more before it takes something: its link has all that it may have.
  bool is_choked(const Member& member) const;
  // Its link was replaced, and what was in it is dropped.
  void unchoke(Member& member);
  // It does not hold the piece any more, nor has it passed it on.
  void release(MemberId id, PieceKey piece);
  // It has passed on a piece that it held.
  void pass(Member& member, PieceKey piece);

  // The ready member with the fewest bytes outstanding for each thread that has room for one more
  // piece; one that is late only when no other has room, and never with a piece that is sent again,
  // unless all are late. Null when there is none.
  Member* least_loaded(bool again);
  // A piece timed out there: it gets one at a time until it passes one on.
  void blame(Member& member);
  // It has passed on a piece.
  void praise(Member& member);
  // How many usable ones are kept free for a piece.
  std::size_t kept() const { return usable_ids_.size() - unkept_.size() - choked_.size(); }
  // Keeps the ready member that holds the fewest pieces free for this one. Null when all are kept.
  Member* keep_one(PieceKey piece);
  void stop_keeping(MemberId id);

  // When the member is due for a verdict on its silence, or to be forgotten.
  void expect(Member& member, Time deadline);
  // The member whose deadline is over; null when there is none.
  Member* overdue(Time now);

 private:
  using Ordered = std::set<std::pair<std::uint64_t, MemberId>>;

  void put(Member& member, Ordered& list, std::uint64_t key);

  MemberLimits limits_;
  std::map<MemberId, Member> members_;
  std::map<std::pair<std::string, std::uint64_t>, MemberId> by_name_;
  Ordered ready_;      // by load: usable, not late, with room
  Ordered late_;       // by load: late, with room
  Ordered late_full_;  // by load: late, with room when all are late
  Ordered unkept_;     // by pieces held: usable, not choked and not kept free for a piece
  Ordered choked_;     // usable, not kept free for a piece, and their links are full
  Ordered in_time_;    // usable, not late, and not choked
  std::set<MemberId> usable_ids_;
  std::set<std::pair<Time, MemberId>> deadlines_;
  MemberId next_ = 1;
};

}  // namespace docmill

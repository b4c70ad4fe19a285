#include "shared/protocol/members.h"

#include <algorithm>

#include "shared/base/transfer_time.h"

namespace docmill {
namespace {

// The capacity is a number from a peer.
constexpr std::uint32_t kMaxCapacity = 1024;
// Of one member, whatever capacity it reports.
constexpr std::uint64_t kMaxUntaken = 256 << 20;
// So that loads of different capacity compare without fractions.
constexpr std::uint64_t kLoadScale = 64;

}  // namespace

Member* Members::find(MemberId id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

Member* Members::find(const std::string& name, std::uint64_t incarnation) {
  const auto found = by_name_.find({name, incarnation});
  return found == by_name_.end() ? nullptr : find(found->second);
}

Member& Members::add(const Heartbeat& heartbeat, Time now) {
  Member& member = members_[next_];
  member.id = next_++;
  member.name = heartbeat.member;
  member.incarnation = heartbeat.incarnation;
  member.address = heartbeat.address;
  member.capacity = std::clamp(heartbeat.capacity, 1U, kMaxCapacity);
  member.last_seen = now;
  member.progress_at = now;
  member.room = limits_.batches * member.capacity;
  by_name_[{member.name, member.incarnation}] = member.id;
  update(member);
  return member;
}

void Members::remove(MemberId id) {
  Member& member = members_.at(id);
  for (const Member::Place& place : member.places_) place.list->erase({place.key, id});
  usable_ids_.erase(id);
  if (member.deadline_) deadlines_.erase({*member.deadline_, id});
  by_name_.erase({member.name, member.incarnation});
  members_.erase(id);
}

bool Members::has_successor(const Member& member) {
  for (auto at = by_name_.lower_bound({member.name, 0});
       at != by_name_.end() && at->first.first == member.name; ++at) {
    const Member* other = find(at->second);
    if (other->id > member.id && !other->dead) return true;
  }
  return false;
}

std::vector<MemberId> Members::ids() const {
  std::vector<MemberId> ids;
  for (const auto& [id, member] : members_) ids.push_back(id);
  return ids;
}

void Members::put(Member& member, Ordered& list, std::uint64_t key) {
  list.insert({key, member.id});
  member.places_.push_back({&list, key});
}

void Members::update(Member& member) {
  for (const Member::Place& place : member.places_) place.list->erase({place.key, member.id});
  member.places_.clear();
  const bool usable = member.usable();
  if (!usable) {
    usable_ids_.erase(member.id);
    return;
  }
  usable_ids_.insert(member.id);
  const bool choked = is_choked(member);
  if (!member.late && !choked) put(member, in_time_, 0);
  if (member.kept_for) return;
  if (choked) return put(member, choked_, 0);
  put(member, unkept_, member.held.size());
  const std::uint64_t most = std::uint64_t{limits_.batches} * member.capacity;
  if (member.held_bytes >= limits_.bytes.count * member.capacity) return;
  const std::uint64_t load = member.held_bytes * kLoadScale / member.capacity;
  const bool room = member.held.size() < member.room;
  if (room) put(member, member.late ? late_ : ready_, load);
  if (member.late && member.held.size() < most) put(member, late_full_, load);
}

void Members::hold(Member& member, PieceKey piece, std::uint32_t attempt, std::uint64_t bytes) {
  member.held[piece] = bytes;
  member.held_bytes += bytes;
  const Attempt sent{piece.sequence, attempt};
  member.untaken.push_back({member.sends, bytes, sent});
  member.untaken_orders[sent] = member.sends;
  member.untaken_bytes += bytes;
  member.transfer += transfer_time(bytes);
  update(member);
}

void Members::take(Member& member, std::uint64_t send_order) {
  if (send_order <= member.taken) return;
  member.taken = send_order;
  const bool was_choked = is_choked(member);
  while (!member.untaken.empty() && member.untaken.front().order <= send_order) {
    const Member::Untaken& first = member.untaken.front();
    member.untaken_bytes -= first.bytes;
    member.transfer -= transfer_time(first.bytes);
    member.untaken_orders.erase(first.attempt);
    member.untaken.pop_front();
  }
  if (was_choked) update(member);
}

void Members::take(Member& member, const Attempt& attempt) {
  const auto found = member.untaken_orders.find(attempt);
  if (found != member.untaken_orders.end()) take(member, found->second);
}

bool Members::is_choked(const Member& member) const {
  return member.untaken_bytes >= std::min(limits_.bytes.count * member.capacity, kMaxUntaken);
}

void Members::unchoke(Member& member) {
  member.untaken.clear();
  member.untaken_orders.clear();
  member.untaken_bytes = 0;
  member.transfer = Duration::zero();
  update(member);
}

void Members::release(MemberId id, PieceKey piece) {
  Member* member = find(id);
  if (member == nullptr) return;
  member->passed.erase(piece);
  const auto found = member->held.find(piece);
  if (found == member->held.end()) return;
  member->held_bytes -= found->second;
  member->held.erase(found);
  update(*member);
}

void Members::pass(Member& member, PieceKey piece) {
  release(member.id, piece);
  member.passed.insert(piece);
}

Member* Members::least_loaded(bool again) {
  const bool all_late = in_time_.empty();
  const Ordered* list = nullptr;
  if (!ready_.empty()) {
    list = &ready_;
  } else if (all_late) {
    list = &late_full_;
  } else if (!again) {
    list = &late_;
  }
  if (list == nullptr || list->empty()) return nullptr;
  return find(list->begin()->second);
}

void Members::blame(Member& member) {
  member.late = true;
  member.room = 1;
  update(member);
}

void Members::praise(Member& member) {
  member.late = false;
  member.room = std::min(member.room + 1, limits_.batches * member.capacity);
  update(member);
}

Member* Members::keep_one(PieceKey piece) {
  if (unkept_.empty()) return nullptr;
  Member* member = find(unkept_.begin()->second);
  member->kept_for = piece;
  update(*member);
  return member;
}

void Members::stop_keeping(MemberId id) {
  Member* member = find(id);
  if (member == nullptr) return;
  member->kept_for.reset();
  update(*member);
}

void Members::expect(Member& member, Time deadline) {
  if (member.deadline_) deadlines_.erase({*member.deadline_, member.id});
  member.deadline_ = deadline;
  deadlines_.insert({deadline, member.id});
}

Member* Members::overdue(Time now) {
  if (deadlines_.empty() || deadlines_.begin()->first >= now) return nullptr;
  return find(deadlines_.begin()->second);
}

}  // namespace docmill

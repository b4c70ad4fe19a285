#include "shared/protocol/members.h"

#include <algorithm>

namespace docmill {

Member* Members::find(MemberId id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

Member* Members::find(const std::string& name, std::uint64_t incarnation) {
  for (auto& [id, member] : members_) {
    if (member.name == name && member.incarnation == incarnation) return &member;
  }
  return nullptr;
}

Member& Members::add(const Presence& presence, Time now) {
  Member& member = members_[next_];
  member.id = next_++;
  member.name = presence.member;
  member.incarnation = presence.incarnation;
  member.address = presence.address;
  member.last_seen = now;
  member.room = limits_.batches;
  return member;
}

void Members::remove(MemberId id) { members_.erase(id); }

std::vector<MemberId> Members::ids() const {
  std::vector<MemberId> ids;
  for (const auto& [id, member] : members_) ids.push_back(id);
  return ids;
}

std::size_t Members::usable() const {
  return static_cast<std::size_t>(std::count_if(
      members_.begin(), members_.end(), [](const auto& entry) { return entry.second.usable(); }));
}

void Members::hold(Member& member, PieceKey piece, Member::Held held) {
  member.held[piece] = held;
  member.held_bytes += held.bytes;
}

void Members::release(MemberId id, PieceKey piece) {
  Member* member = find(id);
  if (member == nullptr) return;
  if (member->kept_for == piece) member->kept_for.reset();
  const auto found = member->held.find(piece);
  if (found == member->held.end()) return;
  member->held_bytes -= found->second.bytes;
  member->held.erase(found);
}

void Members::forget(PieceKey piece) {
  for (auto& [id, member] : members_) {
    release(id, piece);
    member.blamed.erase(piece);
  }
}

std::vector<MemberId> Members::blamed_for(PieceKey piece) const {
  std::vector<MemberId> blamed;
  for (const auto& [id, member] : members_) {
    if (member.blamed.contains(piece)) blamed.push_back(id);
  }
  return blamed;
}

void Members::stop_keeping(PieceKey piece) {
  for (auto& [id, member] : members_) {
    if (member.kept_for == piece) member.kept_for.reset();
  }
}

Member* Members::least_loaded(bool again) {
  const bool all_late = std::none_of(members_.begin(), members_.end(), [](const auto& entry) {
    return entry.second.usable() && !entry.second.late;
  });
  Member* best = nullptr;
  for (auto& [id, member] : members_) {
    const std::size_t most = all_late ? limits_.batches : member.room;
    const bool room = member.held.size() < most && member.held_bytes < limits_.bytes.count;
    if (!member.usable() || !room || member.kept_for) continue;
    if (again && member.late && !all_late) continue;
    const auto load = [](const Member& m) { return std::pair(m.late, m.held_bytes); };
    if (best == nullptr || load(member) < load(*best)) best = &member;
  }
  return best;
}

void Members::blame(Member& member) {
  member.late = true;
  member.room = 1;
}

void Members::praise(Member& member) {
  member.late = false;
  member.room = std::min(member.room + 1, limits_.batches);
}

Member* Members::idle_for(PieceKey piece) {
  Member* best = nullptr;
  for (auto& [id, member] : members_) {
    if (!member.usable()) continue;
    if (member.kept_for == piece) {
      best = &member;
      break;
    }
    if (member.kept_for) continue;
    if (best == nullptr || member.held.size() < best->held.size()) best = &member;
  }
  if (best == nullptr) return nullptr;
  best->kept_for = piece;
  return best->held.empty() ? best : nullptr;
}

}  // namespace docmill

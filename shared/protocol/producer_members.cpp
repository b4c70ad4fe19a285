// The part of ProducerCore that answers to presence: members that join, leave and hand back.
#include <fmt/format.h>

#include <algorithm>

#include "shared/protocol/producer_core.h"

namespace docmill {
namespace {

// A batch that is handed back again and again waits this long, doubled each time.
constexpr Duration kFirstReturnDelay = std::chrono::milliseconds(100);
constexpr Duration kLongestReturnDelay = std::chrono::seconds(5);
// A member that is still there so long after its END is sent another: the first may be lost.
constexpr Duration kEndAgainAfter = std::chrono::seconds(5);
// A member that was silent this long and comes back is met as a new one.
constexpr Duration kForgetAfter = std::chrono::minutes(10);

Duration return_delay(std::uint32_t returns) {
  Duration delay = kFirstReturnDelay;
  for (; returns > 0 && delay < kLongestReturnDelay; --returns) delay *= 2;
  return std::min(delay, kLongestReturnDelay);
}

const char* text_of(ReturnReason reason) {
  switch (reason) {
    case ReturnReason::kUnknownSink:
      return "has no address for a sink of it";
    case ReturnReason::kSinkUnavailable:
      return "found its sink unavailable";
    case ReturnReason::kUnknownProcessors:
      return "has not got its processors";
  }
  return "did not say why";
}

}  // namespace

Member& ProducerCore::join(const Presence& presence, Time now) {
  Member& member = members_.add(presence, now);
  actions_.emplace_back(std::in_place_type<Connect>,
                        Connect{member.id, member.address, member.name});
  say(LogLevel::kInfo, fmt::format("{} joined at {}", member.name, member.address));
  return member;
}

void ProducerCore::on_presence(const Presence& presence, Time now) {
  Member* member = members_.find(presence.member, presence.incarnation);
  if (member == nullptr && presence.state == MemberState::kGone) return;
  if (member != nullptr && member->state == MemberState::kGone) return;
  if (member == nullptr) {
    member = &join(presence, now);
  } else if (member->dead) {
    on_return_from_death(*member);
  }
  member->last_seen = now;
  if (presence.run == state_.run) {
    member->started = presence.started;
    for (const Presence::Returned& returned : presence.returned) {
      on_returned(*member, returned, now);
    }
  }
  if (presence.state != MemberState::kReady) leave(*member, presence.state, now);
  dispatch(now);
}

void ProducerCore::leave(Member& member, MemberState state, Time now) {
  if (member.state == MemberState::kReady) {
    say(LogLevel::kInfo, fmt::format("{} is leaving; it gets nothing more", member.name));
    member.state = MemberState::kDraining;
    member.kept_for.reset();
    send_end(member, now);
  } else if (state == MemberState::kDraining && now - member.end_sent >= kEndAgainAfter) {
    actions_.emplace_back(std::in_place_type<Connect>,
                          Connect{member.id, member.address, member.name});
    send_end(member, now);
  }
  if (state != MemberState::kGone) return;
  say(LogLevel::kInfo, fmt::format("{} left", member.name));
  member.state = MemberState::kGone;
}

void ProducerCore::on_returned(Member& member, const Presence::Returned& returned, Time now) {
  const auto held = std::find_if(member.held.begin(), member.held.end(), [&](const auto& entry) {
    return entry.first.sequence == returned.sequence && entry.second.attempt == returned.attempt;
  });
  if (held == member.held.end()) return;
  const PieceKey key = held->first;
  Piece* piece = piece_of(key);
  if (piece == nullptr || piece->member != member.id) return;
  ++counters_.returned;
  queue(key);
  if (returned.reason == ReturnReason::kUnknownProcessors) {
    const std::uint64_t revision = state_.plan_at(key.sequence).plan.processors;
    const auto defined = member.defined.find(revision);
    const bool new_to_it = defined == member.defined.end();
    // What was sent before the definition came back because of that; the definition is on its way.
    const bool on_its_way = !new_to_it && piece->sent_at < defined->second;
    if (!on_its_way && member.usable()) send_definition(member, revision, now);
    if (new_to_it || on_its_way) return;
  }
  members_.blame(member);
  piece->not_before = now + return_delay(piece->returns);
  ++piece->returns;
  const std::string what = fmt::format("{} {}", member.name, text_of(returned.reason));
  if (const auto held_back = returned_said_.due(what, now)) {
    say(LogLevel::kWarn,
        fmt::format("{} and gave batch {} back{}", what, key.sequence, more_like_it(*held_back)));
  }
}

void ProducerCore::check_members(Time now) {
  for (const MemberId id : members_.ids()) {
    Member* member = members_.find(id);
    const Duration silence = now - member->last_seen;
    const bool gone = member->dead || member->state == MemberState::kGone;
    if (gone && silence > kForgetAfter) {
      members_.remove(id);
    } else if (!gone && silence > settings_.dead_after) {
      on_death(*member, now);
    }
  }
}

}  // namespace docmill

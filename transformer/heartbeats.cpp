#include "transformer/heartbeats.h"

#include <algorithm>
#include <chrono>

#include "shared/base/hash.h"

namespace docmill {
namespace {

// Producers take a member for dead after 1.5 s of silence, and after 4 s when it is idle.
constexpr Duration kBusyInterval = std::chrono::milliseconds(250);
constexpr Duration kIdleInterval = std::chrono::seconds(1);
// After its last work a member still counts as busy for this long.
constexpr Duration kBusyFor = std::chrono::seconds(1);
// News that comes within this time goes with one message.
constexpr Duration kNewsInterval = std::chrono::milliseconds(2);

}  // namespace

Heartbeats::Heartbeats(const std::map<std::string, PushLink*>& links, std::uint64_t random) {
  for (const auto& [producer, link] : links) {
    const auto spread = static_cast<std::uint64_t>(kIdleInterval.count());
    const Duration early(static_cast<Duration::rep>(hash64(producer, random) % spread));
    producers_.emplace(producer, Producer{link, {}, {}, false, early});
  }
}

void Heartbeats::look(MemberCore& member) {
  for (auto& [producer, peer] : producers_) {
    member.set_connected(producer, peer.link->connected());
  }
}

Time Heartbeats::due(const Producer& peer, bool has_news, bool is_busy) {
  if (peer.sent == Time{}) return {};
  const bool busy = is_busy || peer.sent - peer.busy < kBusyFor;
  if (has_news && !peer.full) return peer.sent + kNewsInterval;
  return peer.sent + (busy || peer.full ? kBusyInterval : kIdleInterval - peer.early);
}

void Heartbeats::tell(MemberCore& member, Time now) {
  for (auto& [producer, peer] : producers_) {
    const bool is_busy = member.is_busy_for(producer);
    if (is_busy) peer.busy = now;
    if (now >= due(peer, member.has_news_for(producer), is_busy)) {
      send(producer, peer, member, now);
    }
  }
}

void Heartbeats::tell_all(MemberCore& member, Time now) {
  for (auto& [producer, peer] : producers_) send(producer, peer, member, now);
}

void Heartbeats::send(const std::string& producer, Producer& peer, MemberCore& member, Time now) {
  const Heartbeat heartbeat = member.heartbeat_for(producer);
  Frame frame = Frame::copy(encode(ControlRecord(heartbeat)));
  // A full queue means that the producer is away. It gets the news later.
  peer.full = !peer.link->send(std::span(&frame, 1), now);
  if (!peer.full) member.told(heartbeat, producer);
  if (peer.sent != Time{}) peer.early = Duration::zero();
  peer.sent = now;
}

Time Heartbeats::next(const MemberCore& member) const {
  Time next = Time::max();
  for (const auto& [producer, peer] : producers_) {
    next = std::min(next, due(peer, member.has_news_for(producer), member.is_busy_for(producer)));
  }
  return next;
}

void Heartbeats::close(Duration linger) {
  for (auto& [producer, peer] : producers_) peer.link->close(linger);
  producers_.clear();
}

}  // namespace docmill

#include "transformer/heartbeats.h"

#include <algorithm>
#include <chrono>

#include "shared/base/hash.h"

namespace docmill {
namespace {

// A producer declares a member dead after 1.5 s of silence while it has work of that producer, 2.5
// s after sending something to an idle one, and after 15 s of silence otherwise.
constexpr Duration kBusyInterval = std::chrono::milliseconds(250);
// With work of other producers, a member may leave a batch unread for longer than 2.5 s.
constexpr Duration kBusyElsewhereInterval = std::chrono::seconds(1);
constexpr Duration kIdleInterval = std::chrono::seconds(5);
// After its last work a member still counts as busy for this long.
constexpr Duration kBusyFor = std::chrono::seconds(1);
// Outputs that it passed on may be lost with it until a sink has acknowledged them. So for a while
// its silence counts as that of a busy one, a second shorter at the producer than here.
constexpr Duration kSettlingFor = std::chrono::seconds(4);
constexpr Duration kSettlingInterval = std::chrono::milliseconds(500);
// News that comes within this time goes with one message.
constexpr Duration kNewsInterval = std::chrono::milliseconds(2);

}  // namespace

Heartbeats::Heartbeats(std::string pipeline, const std::map<std::string, PushLink*>& links,
                       std::uint64_t random)
    : pipeline_(std::move(pipeline)) {
  for (const auto& [producer, link] : links) {
    const auto spread = static_cast<std::uint64_t>(kIdleInterval.count());
    const Duration early(static_cast<Duration::rep>(hash64(producer, random) % spread));
    producers_.emplace(producer, Producer{link, {}, {}, false, false, early});
  }
}

void Heartbeats::look(MemberCore& member) {
  for (auto& [producer, peer] : producers_) {
    const bool connected = peer.link->connected();
    member.set_connected(producer, connected);
    // The producer may have restarted: it must not wait for the next idle heartbeat.
    if (connected && !peer.connected) peer.sent = {};
    peer.connected = connected;
  }
}

Time Heartbeats::due(const MemberCore& member, const std::string& producer, const Producer& peer) {
  if (peer.sent == Time{}) return {};
  if (member.has_news_for(producer) && !peer.full) return peer.sent + kNewsInterval;
  const bool busy = member.is_busy_for(producer) || peer.sent - peer.busy < kBusyFor;
  if (busy || peer.full) return peer.sent + kBusyInterval;
  if (peer.sent - peer.busy < kSettlingFor) {
    return peer.sent + kSettlingInterval;
  }
  return peer.sent + (member.held() > 0 ? kBusyElsewhereInterval : kIdleInterval - peer.early);
}

void Heartbeats::tell(MemberCore& member, Time now) {
  for (auto& [producer, peer] : producers_) {
    if (member.is_busy_for(producer) || member.has_news_for(producer)) peer.busy = now;
    if (now >= due(member, producer, peer)) send(producer, peer, member, now);
  }
}

void Heartbeats::tell_all(MemberCore& member, Time now) {
  for (auto& [producer, peer] : producers_) send(producer, peer, member, now);
}

void Heartbeats::send(const std::string& producer, Producer& peer, MemberCore& member,
                      Time now) const {
  const Heartbeat heartbeat = member.heartbeat_for(producer);
  Frame frame = Frame::copy(encode(ControlRecord(heartbeat), {pipeline_, producer}));
  // A full queue means that the producer is away. It gets the news later.
  peer.full = !peer.link->send(std::span(&frame, 1), now);
  if (!peer.full) member.told(heartbeat, producer);
  if (peer.sent != Time{}) peer.early = Duration::zero();
  peer.sent = now;
}

Time Heartbeats::next(const MemberCore& member) const {
  Time next = Time::max();
  for (const auto& [producer, peer] : producers_) {
    next = std::min(next, due(member, producer, peer));
  }
  return next;
}

void Heartbeats::close(Duration linger) {
  // Nothing can reach a producer that is gone.
  for (auto& [producer, peer] : producers_) {
    peer.link->close(peer.link->connected() ? linger : Duration::zero());
  }
  producers_.clear();
}

}  // namespace docmill

#include "transformer/heartbeats.h"

#include <algorithm>
#include <chrono>

#include "shared/base/random.h"
#include "shared/runtime/links.h"

namespace docmill {
namespace {

// A producer declares a member dead after 1.5 s of silence while it has work of that producer, 2.5 s
// after sending something to an idle one, and after 15 s of silence otherwise.
constexpr Duration kBusyInterval = std::chrono::milliseconds(250);
// With work of other producers, a member may leave a batch unread for longer than 2.5 s.
constexpr Duration kBusyElsewhereInterval = std::chrono::seconds(1);
constexpr Duration kIdleInterval = std::chrono::seconds(5);
// After its last work a member still counts as busy for this long.
constexpr Duration kBusyFor = std::chrono::seconds(1);
// News that comes within this time goes with one message.
constexpr Duration kNewsInterval = std::chrono::milliseconds(2);
// Heartbeats that wait for a producer: each says all but the news of those before it.
constexpr std::uint32_t kQueue = 30;

}  // namespace

Result<Heartbeats> Heartbeats::open(const PipelineConfig& config, const Context& context,
                                    const Security& security) {
  Heartbeats heartbeats;
  for (const auto& [name, peer] : config.network.producers) {
    const auto curve = security.way_to(name);
    if (!curve) return curve.error();
    auto socket =
        PushSocket::connect(context, peer.address, control_link(kQueue), *curve, /*watched=*/true);
    if (!socket) return socket.error();
    // Members that start together do not all speak at the same moments.
    const auto spread = static_cast<std::uint64_t>(kIdleInterval.count());
    const Duration early(static_cast<Duration::rep>(random_number() % spread));
    heartbeats.links_.emplace(name, Link{std::move(*socket), {}, {}, false, false, early});
  }
  return heartbeats;
}

void Heartbeats::look(MemberCore& member) {
  for (auto& [producer, link] : links_) {
    const bool connected = link.socket.connected();
    member.set_connected(producer, connected);
    // The producer may have restarted: it must not wait for the next idle heartbeat.
    if (connected && !link.connected) link.sent = {};
    link.connected = connected;
  }
}

Time Heartbeats::due(const MemberCore& member, const std::string& producer, const Link& link) {
  if (link.sent == Time{}) return {};
  if (member.has_news_for(producer) && !link.full) return link.sent + kNewsInterval;
  const bool busy = member.is_busy_for(producer) || link.sent - link.busy < kBusyFor;
  if (busy || link.full) return link.sent + kBusyInterval;
  return link.sent + (member.held() > 0 ? kBusyElsewhereInterval : kIdleInterval - link.early);
}

void Heartbeats::tell(MemberCore& member, Time now) {
  for (auto& [producer, link] : links_) {
    if (member.is_busy_for(producer)) link.busy = now;
    if (now >= due(member, producer, link)) send(producer, link, member, now);
  }
}

void Heartbeats::tell_all(MemberCore& member, Time now) {
  for (auto& [producer, link] : links_) send(producer, link, member, now);
}

void Heartbeats::send(const std::string& producer, Link& link, MemberCore& member, Time now) {
  const Heartbeat heartbeat = member.heartbeat_for(producer);
  Frame frame = Frame::copy(encode(ControlRecord(heartbeat)));
  // A full queue means that the producer is away. It gets the news later.
  link.full = !link.socket.send(frame, now);
  if (!link.full) member.told(heartbeat, producer);
  if (link.sent != Time{}) link.early = Duration::zero();
  link.sent = now;
}

Time Heartbeats::next(const MemberCore& member) const {
  Time next = Time::max();
  for (const auto& [producer, link] : links_) {
    next = std::min(next, due(member, producer, link));
  }
  return next;
}

void Heartbeats::wait_with(Poller& poller) const {
  for (const auto& [producer, link] : links_) poller.connection_of(link.socket);
}

void Heartbeats::close(Duration linger) {
  // Nothing can reach a producer that is gone.
  for (auto& [producer, link] : links_) {
    link.socket.close(link.socket.connected() ? linger : Duration::zero());
  }
  links_.clear();
}

}  // namespace docmill

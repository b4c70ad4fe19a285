#include "shared/protocol/sink_peers.h"

#include <algorithm>

#include "shared/base/transfer_time.h"

namespace docmill {
namespace {

constexpr Duration kFirstProbeDelay = std::chrono::milliseconds(100);
constexpr Duration kMaxProbeDelay = std::chrono::seconds(5);
// A sink that acknowledges nothing for at least this long is unavailable.
constexpr Duration kMinSilence = std::chrono::seconds(2);
// A sink that has acked within this time takes something, though less than it is sent.
constexpr Duration kRecently = std::chrono::seconds(1);
// What each settled piece adds to a bounded room.
constexpr double kRoomGrowth = 0.125;

}  // namespace

SinkPeers::SinkPeers(const TimeoutLimits& limits) : limits_(limits) {
  peers_.emplace_back(0, "", limits);
}

SinkPeer& SinkPeers::named(const std::string& name) {
  const auto id = static_cast<SinkId>(peers_.size());
  const auto [found, is_new] = by_name_.try_emplace(name, id);
  if (is_new) peers_.emplace_back(id, name, limits_);
  return peers_[found->second];
}

void SinkPeers::on_passed(SinkPeer& sink, PieceKey piece, std::uint64_t bytes, Time now) {
  if (sink.passed.empty()) sink.waits_since = std::max(sink.waits_since, now);
  if (sink.passed.insert(piece).second) sink.transfer += transfer_time(bytes);
}

void SinkPeers::on_not_passed(SinkPeer& sink, PieceKey piece, std::uint64_t bytes) {
  if (sink.passed.erase(piece) > 0) sink.transfer -= transfer_time(bytes);
}

bool SinkPeers::on_ack(SinkPeer& sink, Time now) {
  sink.last_ack = now;
  sink.waits_since = now;
  if (sink.available) return false;
  sink.available = true;
  sink.room = std::numeric_limits<double>::infinity();
  return true;
}

void SinkPeers::on_settled(SinkPeer& sink, std::size_t window) {
  sink.room += kRoomGrowth;
  if (sink.room >= static_cast<double>(window)) {
    sink.room = std::numeric_limits<double>::infinity();
  }
}

void SinkPeers::on_refused(SinkPeer& sink, Time now) {
  if (sink.is_keyed() || !sink.available) return;
  if (sink.last_ack && now - *sink.last_ack < kRecently) {
    sink.room = static_cast<double>(std::max<std::size_t>(sink.outstanding, 1));
  } else {
    lose(sink, now);
  }
}

void SinkPeers::lose(SinkPeer& sink, Time now) {
  sink.available = false;
  sink.silent_since = sink.waits_since == Time{} ? now : sink.waits_since;
  sink.probe_delay = kFirstProbeDelay;
  sink.next_probe = now + sink.probe_delay;
}

void SinkPeers::on_probe(SinkPeer& sink, Time now) {
  sink.probe_delay = std::min(2 * sink.probe_delay, kMaxProbeDelay);
  sink.next_probe = now + sink.probe_delay;
}

void SinkPeers::on_tick(Time now) {
  for (SinkPeer& sink : peers_) {
    if (sink.is_keyed() || !sink.available || sink.passed.empty()) continue;
    const Duration silence = std::max(sink.trip.timeout(0), kMinSilence) + sink.transfer;
    if (now - sink.waits_since > silence) lose(sink, now);
  }
}

}  // namespace docmill

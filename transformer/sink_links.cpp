#include "transformer/sink_links.h"

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// In libzmq's memory, where nothing is counted or taken back.
constexpr std::uint32_t kQueue = 8;

}  // namespace

Result<SinkLinks> SinkLinks::open(const PipelineConfig& config, const Context& context,
                                  const Security& security) {
  SinkLinks links;
  for (const auto& [sink, peer] : config.network.sinks) {
    const auto curve = security.way_to(sink);
    if (!curve) return curve.error();
    auto socket =
        PushSocket::connect(context, peer.address, document_link(config.limits, kQueue), *curve);
    if (!socket) return socket.error();
    links.links_.emplace(sink, Link{std::move(*socket), {}});
  }
  return links;
}

void SinkLinks::put(SinkMessage message, OutboxRoom& room, Time now) {
  const auto found = links_.find(message.sink);
  found->second.waiting.push_back(std::move(message));
  ++waiting_;
  flush(found->first, found->second, room, now);
}

bool SinkLinks::flush(const std::string& name, Link& link, OutboxRoom& room, Time now) {
  while (!link.waiting.empty()) {
    SinkMessage& next = link.waiting.front();
    Frame frames[] = {std::move(next.header), std::move(next.payload)};
    if (!link.socket.send(frames, now)) {
      next.header = std::move(frames[0]);
      next.payload = std::move(frames[1]);
      return false;
    }
    room.remove(name, next.bytes);
    link.waiting.pop_front();
    --waiting_;
  }
  return true;
}

void SinkLinks::flush(OutboxRoom& room, Time now) {
  if (waiting_ == 0) return;
  for (auto& [name, link] : links_) flush(name, link, room, now);
}

void SinkLinks::wait_with(Poller& poller) const {
  if (waiting_ == 0) return;
  for (const auto& [name, link] : links_) {
    if (!link.waiting.empty()) poller.writable(link.socket);
  }
}

void SinkLinks::close(Duration linger) {
  for (auto& [name, link] : links_) link.socket.close(linger);
  links_.clear();
  waiting_ = 0;
}

}  // namespace docmill

#include "sink/producer_links.h"

#include <chrono>

#include "shared/runtime/links.h"

namespace docmill {
namespace {

constexpr Duration kRefuseEvery = std::chrono::seconds(1);
constexpr Duration kAlarmEvery = std::chrono::minutes(1);
// An epoch that was seen this recently is alive.
constexpr Duration kAlive = std::chrono::seconds(10);
// Of one message; far below the limit of the socket.
constexpr std::size_t kEntriesAtMost = 200;

}  // namespace

Result<ProducerLinks> ProducerLinks::open(const Context& context, const NetworkConfig& network,
                                          const Security& security, Log& log) {
  ProducerLinks links(log);
  for (const auto& [name, peer] : network.producers) {
    const auto curve = security.way_to(name);
    if (!curve) return curve.error();
    auto socket = PushSocket::connect(context, peer.address, control_link(), *curve);
    if (!socket) return socket.error();
    links.links_.emplace(name, Link{std::move(*socket), {}, {}, {}});
  }
  return links;
}

void ProducerLinks::send(const std::string& producer, const ControlRecord& record, Time now) {
  const auto link = links_.find(producer);
  Frame frame = Frame::copy(encode(record));
  if (link == links_.end() || !link->second.socket.send(frame, now)) ++dropped_;
}

void ProducerLinks::send(const Ack& ack, Time now) {
  for (std::size_t at = 0; at < ack.entries.size(); at += kEntriesAtMost) {
    const auto first = ack.entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(kEntriesAtMost, ack.entries.size() - at);
    send(ack.lineage.producer,
         Ack{ack.sink,
             ack.ledger,
             ack.lineage,
             ack.run,
             {first, first + static_cast<std::ptrdiff_t>(count)}},
         now);
  }
}

void ProducerLinks::send(const Refusal& refusal, Time now) {
  const auto link = links_.find(refusal.lineage.producer);
  if (link == links_.end() || now - link->second.refused_at < kRefuseEvery) return;
  link->second.refused_at = now;
  log_->error("refused {}: {}", refusal.lineage.producer, refusal.text);
  send(refusal.lineage.producer, ControlRecord(refusal), now);
}

void ProducerLinks::saw(const Lineage& lineage, Time now) {
  const auto link = links_.find(lineage.producer);
  if (link == links_.end()) return;
  auto& epochs = link->second.epochs;
  epochs[lineage.epoch] = now;
  if (epochs.size() == 1) return;
  std::erase_if(epochs, [now](const auto& epoch) { return now - epoch.second > kAlive; });
  if (epochs.size() > 1 && now - link->second.alarmed_at >= kAlarmEvery) {
    link->second.alarmed_at = now;
    log_->error(
        "two producers are called {}: epochs {:016x} and {:016x} are both alive; stop one of them",
        lineage.producer, epochs.begin()->first, epochs.rbegin()->first);
  }
}

}  // namespace docmill

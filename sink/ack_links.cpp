#include "sink/ack_links.h"

#include <fmt/format.h>

#include <chrono>
#include <span>

#include "shared/protocol/ack_split.h"
#include "shared/runtime/links.h"
#include "shared/transport/push_socket.h"

namespace docmill {
namespace {

constexpr Duration kRefuseEvery = std::chrono::seconds(1);
constexpr Duration kSayEvery = std::chrono::minutes(1);
// What is remembered of each producer for that; whoever makes up more is not answered.
constexpr std::size_t kRememberedAtMost = 64;

// After a crash there is always something of the run before on its way; of an epoch before only
// when somebody has thrown state away; the rest is somebody's mistake.
LogLevel level_of(RefusalReason reason) {
  if (reason == RefusalReason::kOldRun) return LogLevel::kInfo;
  return reason == RefusalReason::kClosedEpoch ? LogLevel::kWarn : LogLevel::kError;
}

// Whether it was not done so recently; then it is done now.
template <typename Key>
bool is_due(std::map<Key, Time>& done, const Key& key, Duration every, Time now) {
  std::erase_if(done, [&](const auto& one) { return now - one.second >= every; });
  return done.size() < kRememberedAtMost && done.try_emplace(key, now).second;
}

constexpr Duration kRenewEvery = std::chrono::seconds(10);

// At most 16 MiB wait for a producer that takes nothing: more than the acks of a group, which is
// as large. The rest is dropped; its batches are sent again, and acked again.
constexpr std::size_t kAckBytes = 64 << 10;  // of one message
constexpr std::uint32_t kQueuedMessages = 256;

}  // namespace

Result<AckLinks> AckLinks::open(const Context& context, const PipelineConfig& config,
                                const Security& security, Log& log) {
  std::map<std::string, std::unique_ptr<PushLink>> links;
  for (const auto& [name, peer] : config.network.producers) {
    const auto curve = security.way_to(name);
    if (!curve) return curve.error();
    auto socket = PushSocket::connect(context, peer.address, control_link(kQueuedMessages), *curve);
    if (!socket) return socket.error();
    links.emplace(name, std::make_unique<PushSocket>(std::move(*socket)));
  }
  return AckLinks(config.pipeline, std::move(links), log);
}

AckLinks::AckLinks(std::string pipeline, std::map<std::string, std::unique_ptr<PushLink>> links,
                   Log& log)
    : pipeline_(std::move(pipeline)), log_(&log) {
  for (auto& [name, link] : links) links_.emplace(name, Link{std::move(link), {}, {}, {}});
}

void AckLinks::follow() {
  for (auto& [name, link] : links_) link.way->follow();
}

void AckLinks::send(const std::string& producer, const ControlRecord& record, Time now) {
  const auto link = links_.find(producer);
  Frame frame = Frame::copy(encode(record, {pipeline_, producer}));
  if (link == links_.end() || !link->second.way->send(std::span(&frame, 1), now)) ++dropped_;
}

void AckLinks::send(const Ack& ack, Time now) {
  for (const Ack& part : split(ack, kAckBytes)) send(part.lineage.producer, part, now);
}

void AckLinks::send(const Refusal& refusal, Time now) {
  const auto link = links_.find(refusal.lineage.producer);
  if (link == links_.end()) return;
  if (is_due(link->second.told, refusal.run.nonce, kRefuseEvery, now)) {
    send(refusal.lineage.producer, ControlRecord(refusal), now);
  }
  if (!is_due(link->second.said, refusal.text, kSayEvery, now)) return;
  log_->write(level_of(refusal.reason),
              fmt::format("refused {}: {}", refusal.lineage.producer, refusal.text));
}

// libzmq gives a connection up for ever after a bit that turned over in its handshake, and a longer
// length swallows what follows; acks are too few to fill the queue, so that nothing else would show
// it.
void AckLinks::on_acks_lost(const std::string& producer, Time now) {
  const auto found = links_.find(producer);
  if (found == links_.end() || now - found->second.renewed < kRenewEvery) return;
  found->second.renewed = now;
  const auto renewed = found->second.way->reconnect();
  log_->warn("{} sends again what was acked before; the link to it is made anew{}{}", producer,
             renewed ? "" : ", which failed: ", renewed ? "" : renewed.error().text);
}

}  // namespace docmill

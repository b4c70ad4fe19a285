#include "transformer/transformer_daemon.h"

#include <array>
#include <cstdlib>

#include "shared/base/random.h"
#include "shared/runtime/links.h"

namespace docmill {
namespace {

// From a producer, in libzmq's memory. The producer's window is the queue that counts.
constexpr std::uint32_t kQueueIn = 256;
// To a sink, in libzmq's memory, where nothing is counted or taken back.
constexpr std::uint32_t kQueueOut = 8;
// Heartbeats that wait for a producer: each says all but the news of those before it.
constexpr std::uint32_t kHeartbeats = 30;

using PushSockets = std::map<std::string, PushSocket>;

Result<PullSocket> bind_documents(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  const SocketLimits limits = document_link(kQueueIn);
  const auto curve = daemon.security().door(Door::kBatches);
  if (config.is_local) {
    return PullSocket::bind(daemon.context(),
                            local_address(config.state, daemon.name(), "documents"), limits, curve);
  }
  const PortRange& ports = config.transformer.ports;
  return PullSocket::bind_in_range(daemon.context(), config.transformer.advertise, ports.first,
                                   ports.last, limits, curve);
}

Result<PushSockets> connect_to(const std::map<std::string, PeerConfig>& peers, Daemon& daemon,
                               const SocketLimits& limits, bool watched) {
  PushSockets sockets;
  for (const auto& [name, peer] : peers) {
    const auto curve = daemon.security().way_to(name);
    if (!curve) return curve.error();
    auto socket = PushSocket::connect(daemon.context(), peer.address, limits, *curve, watched);
    if (!socket) return socket.error();
    sockets.emplace(name, std::move(*socket));
  }
  return sockets;
}

std::map<std::string, PushLink*> links_of(PushSockets& sockets) {
  std::map<std::string, PushLink*> links;
  for (auto& [name, socket] : sockets) links.emplace(name, &socket);
  return links;
}

}  // namespace

Result<std::unique_ptr<TransformerDaemon>> TransformerDaemon::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto opened = Wakeup::open();
  if (!opened) return opened.error();
  auto events = std::make_unique<Wakeup>(std::move(*opened));
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "transformer");
  if (!telemetry) return telemetry.error();
  auto documents = bind_documents(daemon);
  if (!documents) return documents.error();
  auto sinks = connect_to(config.network.sinks, daemon, document_link(kQueueOut),
                          /*watched=*/false);
  if (!sinks) return sinks.error();
  auto producers =
      connect_to(config.network.producers, daemon, control_link(kHeartbeats), /*watched=*/true);
  if (!producers) return producers.error();
  auto parts = TransformerParts::open(
      config, daemon.definition(), daemon.log(),
      {daemon.name(), random_number(), documents->endpoint(), config.transformer.workers},
      [wakeup = events.get()] { wakeup->wake(); });
  if (!parts) return parts.error();
  return std::unique_ptr<TransformerDaemon>(new TransformerDaemon(
      daemon, std::move(events), std::move(*telemetry),
      {std::move(*documents), std::move(*sinks), std::move(*producers)}, std::move(*parts)));
}

TransformerDaemon::TransformerDaemon(Daemon& daemon, std::unique_ptr<Wakeup> events,
                                     Telemetry telemetry, Sockets sockets, TransformerParts parts)
    : daemon_(daemon),
      events_(std::move(events)),
      telemetry_(std::move(telemetry)),
      sockets_(std::move(sockets)),
      transformer_(std::move(parts),
                   {sockets_.documents, links_of(sockets_.sinks), links_of(sockets_.producers),
                    daemon.security(), daemon, daemon.clock(), daemon.log()}) {}

Result<void> TransformerDaemon::run() {
  const auto& workers = transformer_.workers();
  for (const auto& worker : workers) worker->start();
  daemon_.log().info("ready with {} worker{} at {}", workers.size(), workers.size() == 1 ? "" : "s",
                     sockets_.documents.place());
  for (;;) {
    wait();
    const auto goes_on = transformer_.step();
    if (const auto code = transformer_.forced_exit()) std::_Exit(*code);
    report();
    if (!goes_on) return goes_on.error();
    if (!*goes_on) return {};
  }
}

void TransformerDaemon::wait() {
  poller_.clear();
  poller_.readable(events_->fd());
  poller_.readable(daemon_.signals());
  if (transformer_.listens()) poller_.readable(sockets_.documents);
  for (const auto& [name, socket] : sockets_.sinks) {
    if (transformer_.waits_for(name)) poller_.writable(socket);
  }
  if (!transformer_.has_left()) {
    for (const auto& [name, socket] : sockets_.producers) poller_.connection_of(socket);
  }
  poller_.wait(transformer_.idle());
  events_->clear();
}

void TransformerDaemon::report() {
  const Time now = daemon_.clock().now();
  if (!telemetry_.due(now)) return;
  const Transformer::Counters counters = transformer_.counters();
  const std::array gauges = {Gauge{"workers", transformer_.workers().size()},
                             Gauge{"batches", counters.batches},
                             Gauge{"documents", counters.documents},
                             Gauge{"bytes", counters.bytes},
                             Gauge{"returned", counters.returned},
                             Gauge{"malformed", counters.malformed},
                             Gauge{"misrouted", counters.misrouted},
                             Gauge{"lossy", counters.lossy},
                             Gauge{"forged", daemon_.security().forged()},
                             Gauge{"refused_peers", daemon_.security().refused()},
                             Gauge{"reloads", daemon_.reloads()},
                             Gauge{"refused_reloads", daemon_.refused_reloads()}};
  telemetry_.publish(gauges, now);
}

}  // namespace docmill

#include "transformer/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "shared/runtime/links.h"

namespace docmill {
namespace {

// Producers take a member for dead after 1.5 s of silence.
constexpr Duration kBeacon = std::chrono::milliseconds(250);
// A producer that is not there cannot say that nothing more comes.
constexpr Duration kLeavePatience = std::chrono::seconds(10);
// One that is there answers the next beacon.
constexpr Duration kAnswerPatience = std::chrono::seconds(1);
// What is on its way to a sink at the end is delivered within this; a sink that is away gets it
// again from elsewhere.
constexpr Duration kSinkLinger = std::chrono::seconds(10);
// Presence that waits for a producer: each beacon says all, and a link that libzmq has given up is
// found when its queue is full.
constexpr std::uint32_t kQueue = 30;
// How often it is looked whether the workers have ended.
constexpr Duration kEndsWithin = std::chrono::milliseconds(5);
// The last word to a producer, which may be gone already.
constexpr Duration kProducerLinger = std::chrono::milliseconds(200);

}  // namespace

Result<std::unique_ptr<Transformer>> Transformer::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto news = Wakeup::open();
  if (!news) return news.error();
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "transformer");
  if (!telemetry) return telemetry.error();
  std::map<std::string, PushSocket> producers;
  for (const auto& [name, peer] : config.network.producers) {
    const auto curve = daemon.security().way_to(name);
    if (!curve) return curve.error();
    auto socket = PushSocket::connect(daemon.context(), peer.address, control_link(kQueue), *curve);
    if (!socket) return socket.error();
    producers.emplace(name, std::move(*socket));
  }
  std::unique_ptr<Transformer> transformer(
      new Transformer(daemon, std::move(*news), std::move(*telemetry), std::move(producers)));
  for (std::uint32_t number = 1; number <= config.transformer.workers; ++number) {
    auto worker =
        Worker::open(config, fmt::format("{}-{}", daemon.name(), number), daemon.context(),
                     daemon.security(), transformer->news_, daemon.log());
    if (!worker) return worker.error();
    transformer->workers_.push_back(std::move(*worker));
    transformer->overdue_.emplace_back(config.limits.processing);
  }
  return transformer;
}

Transformer::Transformer(Daemon& daemon, Wakeup news, Telemetry telemetry,
                         std::map<std::string, PushSocket> producers)
    : daemon_(daemon),
      news_(std::move(news)),
      telemetry_(std::move(telemetry)),
      producers_(std::move(producers)) {}

Result<void> Transformer::run() {
  for (auto& worker : workers_) worker->start();
  daemon_.log().info("ready with {} worker{}", workers_.size(), workers_.size() == 1 ? "" : "s");
  const Clock& clock = daemon_.clock();
  Poller poller;
  Time beacon{};
  Time leaving_since{};
  for (bool leaving = false;;) {
    const Time now = clock.now();
    const int stops = daemon_.stops();
    if (stops > 0 && !leaving) {
      leaving = true;
      leaving_since = now;
      beacon = {};
      daemon_.log().info("leaving; what is here is finished first");
      for (auto& worker : workers_) worker->port().with([](MemberCore& member) { member.drain(); });
    }
    if (stops > 1 || (leaving && (now - leaving_since >= kLeavePatience ||
                                  all_may_leave(now - leaving_since >= kAnswerPatience))))
      break;
    const bool everybody = now >= beacon;
    if (everybody) beacon = now + kBeacon;
    tell(everybody);
    watch();
    report();
    poller.clear();
    poller.readable(news_.fd());
    poller.readable(daemon_.signals());
    poller.wait(std::max(Duration::zero(), std::min<Duration>(kBeacon, beacon - clock.now())));
    news_.clear();
  }
  stop_workers();
  tell(true);
  for (auto& [name, socket] : producers_) std::move(socket).close(kProducerLinger);
  daemon_.log().info("left");
  return {};
}

// A thread that does not come back can only be ended with its process. That is a death like any
// other, so that producers blame the document; an orderly end would count for nothing.
void Transformer::watch() {
  const Time now = daemon_.clock().now();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const WorkerProgress& progress = workers_[i]->progress();
    const std::uint64_t mark = progress.mark();
    if (!overdue_[i].look(progress, now)) continue;
    const auto batch =
        workers_[i]->port().with([](const MemberCore& member) { return member.current(); });
    if (!batch || progress.mark() != mark || !progress.busy()) continue;
    daemon_.log().error(
        "document {} of batch {} of {} is in transformer{}{} for more than {} (limits.processing); "
        "this transformer ends, so that the document is found",
        WorkerProgress::index_of(mark), batch->sequence, batch->lineage.producer,
        *progress.processor() == 0 ? "" : ".", progress.processor(),
        to_string(daemon_.config().limits.processing));
    std::_Exit(kExitOverdue);
  }
}

void Transformer::stop_workers() {
  const Duration linger = daemon_.stops() > 1 ? Duration::zero() : kSinkLinger;
  for (auto& worker : workers_) worker->ask_to_stop(linger);
  Poller nothing;
  while (!std::all_of(workers_.begin(), workers_.end(), [](auto& w) { return w->ended(); })) {
    watch();
    nothing.wait(kEndsWithin);
  }
  for (auto& worker : workers_) {
    worker->stop(linger);
    worker->port().with([](MemberCore& member) { member.leave(); });
  }
}

void Transformer::tell(bool everybody) {
  const Time now = daemon_.clock().now();
  for (auto& worker : workers_) {
    worker->port().with([&](MemberCore& member) {
      for (auto& [producer, socket] : producers_) {
        if (!everybody && !member.has_news_for(producer)) continue;
        Frame frame = Frame::copy(encode(ControlRecord(member.presence_for(producer))));
        // A full queue means that the producer is away; it learns everything from the next beacon.
        socket.send(frame, now);
      }
    });
  }
}

bool Transformer::all_may_leave(bool have_waited) {
  return std::all_of(workers_.begin(), workers_.end(), [&](auto& worker) {
    return worker->port().with(
        [&](const MemberCore& member) { return member.may_leave(have_waited); });
  });
}

void Transformer::report() {
  const Time now = daemon_.clock().now();
  if (!telemetry_.due(now)) return;
  std::array gauges = {Gauge{"workers", workers_.size()},
                       Gauge{"batches"},
                       Gauge{"documents"},
                       Gauge{"bytes"},
                       Gauge{"returned"},
                       Gauge{"malformed"},
                       Gauge{"lossy"},
                       Gauge{"forged", daemon_.security().forged()},
                       Gauge{"refused_peers", daemon_.security().refused()},
                       Gauge{"reloads", daemon_.reloads()},
                       Gauge{"refused_reloads", daemon_.refused_reloads()}};
  for (const auto& worker : workers_) {
    const WorkerCounters& counters = worker->counters();
    gauges[1].value += counters.batches;
    gauges[2].value += counters.documents;
    gauges[3].value += counters.bytes;
    gauges[4].value += counters.returned;
    gauges[5].value += counters.malformed;
    gauges[6].value += counters.lossy;
  }
  telemetry_.publish(gauges, now);
}

}  // namespace docmill

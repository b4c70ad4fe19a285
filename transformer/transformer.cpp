#include "transformer/transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include "shared/base/hash.h"
#include "shared/base/random.h"
#include "shared/runtime/links.h"

namespace docmill {
namespace {

// From a producer, in libzmq's memory. The producer's window is the queue that counts.
constexpr std::uint32_t kQueueIn = 256;
// What may wait for a sink. A batch that finds it full goes back.
constexpr Bytes kMaxOutbox{16 << 20};
// How often the progress of the threads is looked at.
constexpr Duration kWatch = std::chrono::milliseconds(250);
// A producer that is connected answers a member that drains.
constexpr Duration kAnswerPatience = std::chrono::seconds(1);
// Nothing arrives any more of a producer that is not connected.
constexpr Duration kRest = std::chrono::milliseconds(20);
// The last part of shutdown_timeout, for farewells.
constexpr Duration kFarewell = std::chrono::milliseconds(300);
// The last word to a producer, which may be gone already.
constexpr Duration kProducerLinger = std::chrono::milliseconds(200);
constexpr Duration kEndsWithin = std::chrono::milliseconds(5);

Result<PullSocket> bind_documents(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  const SocketLimits limits = document_link(config.limits, kQueueIn);
  const auto curve = daemon.security().door(Door::kBatches);
  if (config.is_local) {
    return PullSocket::bind(daemon.context(),
                            local_address(config.state, daemon.name(), "documents"), limits, curve);
  }
  const PortRange& ports = config.transformer.ports;
  return PullSocket::bind_in_range(daemon.context(), config.transformer.advertise, ports.first,
                                   ports.last, limits, curve);
}

MemberCore member_of(Daemon& daemon, const std::string& address) {
  const PipelineConfig& config = daemon.config();
  std::vector<std::string> producers;
  std::set<std::string> sinks;
  for (const auto& [producer, peer] : config.network.producers) producers.push_back(producer);
  for (const auto& [sink, peer] : config.network.sinks) sinks.insert(sink);
  return {{daemon.name(), random_number(), address, config.transformer.workers},
          std::move(producers),
          std::move(sinks)};
}

}  // namespace

Result<std::unique_ptr<Transformer>> Transformer::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto news = Wakeup::open();
  if (!news) return news.error();
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "transformer");
  if (!telemetry) return telemetry.error();
  auto documents = bind_documents(daemon);
  if (!documents) return documents.error();
  auto sinks = SinkLinks::open(config, daemon.context(), daemon.security());
  if (!sinks) return sinks.error();
  auto heartbeats = Heartbeats::open(config, daemon.context(), daemon.security());
  if (!heartbeats) return heartbeats.error();
  MemberCore member = member_of(daemon, documents->endpoint());
  std::unique_ptr<Transformer> transformer(new Transformer(
      daemon,
      {std::make_unique<Wakeup>(std::move(*news)), std::move(*telemetry), std::move(*documents),
       std::move(*sinks), std::move(*heartbeats), std::move(member)}));
  if (auto opened = transformer->open_workers(); !opened) return opened.error();
  return transformer;
}

Transformer::Transformer(Daemon& daemon, Parts parts)
    : daemon_(daemon),
      parts_(std::move(parts)),
      shop_(new Workshop{daemon.config(),
                         daemon.log(),
                         {},
                         {},
                         WorkerEvents(*parts_.news),
                         OutboxRoom(daemon.config().network.sinks, kMaxOutbox)}) {}

Transformer::~Transformer() { shop_->jobs.close(); }

Result<void> Transformer::open_workers() {
  const PipelineConfig& config = daemon_.config();
  auto definition = define_processors(config);
  if (!definition) return definition.error();
  own_revision_ = hash64(encode(*definition));
  const std::uint64_t revision = own_revision_;
  shop_->revisions.add(revision, std::move(*definition));
  parts_.member.define(revision);
  for (std::uint32_t number = 0; number < config.transformer.workers; ++number) {
    auto worker = Worker::open(*shop_, revision);
    if (!worker) return worker.error();
    workers_.push_back(std::move(*worker));
    overdue_.emplace_back(config.limits.processing);
  }
  return {};
}

Result<void> Transformer::run() {
  for (auto& worker : workers_) worker->start();
  daemon_.log().info("ready with {} worker{}", workers_.size(), workers_.size() == 1 ? "" : "s");
  while (!has_ended()) {
    const Time now = daemon_.clock().now();
    receive();
    handle_events();
    parts_.sinks.flush(shop_->room, now);
    parts_.heartbeats.look(parts_.member);
    parts_.heartbeats.tell(parts_.member, now);
    watch();
    report();
    wait();
  }
  leave();
  daemon_.log().info("left");
  return {};
}

void Transformer::wait() {
  const Time now = daemon_.clock().now();
  Duration patience = std::min<Duration>(kWatch, parts_.heartbeats.next(parts_.member) - now);
  if (parts_.member.draining()) patience = std::min(patience, kEndsWithin);
  poller_.clear();
  // While the queue is full, the worker that takes something from it ends the wait.
  if (shop_->jobs.size() < workers_.size()) poller_.readable(parts_.documents);
  poller_.readable(parts_.news->fd());
  poller_.readable(daemon_.signals());
  parts_.sinks.wait_with(poller_);
  parts_.heartbeats.wait_with(poller_);
  poller_.wait(std::max(patience, Duration::zero()));
  parts_.news->clear();
}

bool Transformer::has_ended() {
  const Time now = daemon_.clock().now();
  const int stops = daemon_.stops();
  if (stops == 0) return false;
  if (!parts_.member.draining()) {
    daemon_.log().info("leaving; what is here is finished first");
    parts_.member.drain();
    draining_since_ = now;
    const Duration timeout = daemon_.config().shutdown_timeout;
    leave_by_ = *daemon_.deadline() - std::min(kFarewell, timeout / 2);
    parts_.heartbeats.look(parts_.member);
    parts_.heartbeats.tell_all(parts_.member, now);
  }
  if (stops > 1 || now >= leave_by_) return true;
  const bool has_rested = now - received_ >= kRest && now - draining_since_ >= kRest;
  return parts_.sinks.empty() &&
         parts_.member.may_leave(has_rested, now - draining_since_ >= kAnswerPatience);
}

void Transformer::leave() {
  if (parts_.member.held() > 0) give_back_the_rest();
  parts_.member.leave();
  const Time now = daemon_.clock().now();
  parts_.heartbeats.tell_all(parts_.member, now);
  parts_.heartbeats.close(kProducerLinger);
  const Duration left = *daemon_.deadline() - now;
  parts_.sinks.close(daemon_.stops() > 1 ? Duration::zero() : std::max(left, Duration::zero()));
  shop_->jobs.close();
  Poller nothing;
  for (const auto& worker : workers_) {
    while (!worker->ended()) {
      if (daemon_.stops() > 1 || daemon_.clock().now() >= *daemon_.deadline()) end_without(*worker);
      watch();
      nothing.wait(kEndsWithin);
    }
  }
}

// Its time is over: what is not processed is for others to process.
void Transformer::give_back_the_rest() {
  shop_->jobs.close();
  handle_events();
  parts_.member.hand_back_all(ReturnReason::kLeaving);
}

// A thread cannot be stopped from outside. The batch was given back.
void Transformer::end_without(const Worker& worker) {
  const auto batch = worker.current();
  const std::string when = daemon_.stops() > 1
                               ? std::string("at once, as asked")
                               : fmt::format("after {} (shutdown_timeout)",
                                             to_string(daemon_.config().shutdown_timeout));
  daemon_.log().warn("left without finishing batch {} of {} {}", batch ? batch->sequence : 0,
                     batch ? batch->producer : "", when);
  std::_Exit(daemon_.reloading() ? kExitOverdue : 0);
}

// A thread that does not come back can only be ended with its process. That is a death like any
// other, so that producers blame the document; an orderly end would count for nothing.
void Transformer::watch() {
  const Time now = daemon_.clock().now();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const WorkerProgress& progress = workers_[i]->progress();
    const std::uint64_t mark = progress.mark();
    if (!overdue_[i].look(progress, now)) continue;
    const auto batch = workers_[i]->current();
    if (!batch || progress.mark() != mark || !progress.busy()) continue;
    daemon_.log().error(
        "document {} of batch {} of {} is in transformer{}{} for more than {} (limits.processing); "
        "this transformer ends, so that the document is found",
        WorkerProgress::index_of(mark), batch->sequence, batch->producer,
        *progress.processor() == 0 ? "" : ".", progress.processor(),
        to_string(daemon_.config().limits.processing));
    std::_Exit(kExitOverdue);
  }
}

void Transformer::report() {
  const Time now = daemon_.clock().now();
  if (!parts_.telemetry.due(now)) return;
  std::array gauges = {Gauge{"workers", workers_.size()},
                       Gauge{"batches"},
                       Gauge{"documents"},
                       Gauge{"bytes"},
                       Gauge{"returned", returned_},
                       Gauge{"malformed", malformed_},
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
    gauges[6].value += counters.lossy;
  }
  parts_.telemetry.publish(gauges, now);
}

}  // namespace docmill

#include "transformer/raw_transformer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace docmill {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(250);
// At an orderly end: for what has arrived and a peer that takes it, then for what is on its way.
constexpr Duration kPatience = std::chrono::seconds(2);
constexpr Duration kLinger = std::chrono::seconds(5);
// How often it is looked whether the workers have ended.
constexpr Duration kEndsWithin = std::chrono::milliseconds(5);

}  // namespace

Result<std::unique_ptr<RawTransformer>> RawTransformer::open(Daemon& daemon) {
  auto telemetry =
      Telemetry::open(daemon.context(), daemon.config().state, daemon.name(), "transformer");
  if (!telemetry) return telemetry.error();
  std::unique_ptr<RawTransformer> transformer(new RawTransformer(daemon, std::move(*telemetry)));
  if (auto opened = transformer->open_links(); !opened) return opened.error();
  if (auto opened = transformer->open_workers(); !opened) return opened.error();
  return transformer;
}

Result<void> RawTransformer::open_links() {
  const PipelineConfig& config = daemon_.config();
  auto outlet = RawOutlet::open(config.transformer.output->zmq, daemon_.context(),
                                "transformer.output.zmq", daemon_.name(), daemon_.log());
  if (!outlet) return outlet.error();
  auto intake = RawIntake::open(config.transformer.input->zmq,
                                {.sockets = daemon_.context(),
                                 .clock = daemon_.clock(),
                                 .log = daemon_.log(),
                                 .place = "transformer.input.zmq",
                                 .name = daemon_.name(),
                                 .largest = config.limits.document},
                                counters_);
  if (!intake) return intake.error();
  links_ = std::unique_ptr<RawLinks>(new RawLinks{{}, std::move(*intake), {}, std::move(*outlet)});
  return {};
}

Result<void> RawTransformer::open_workers() {
  const PipelineConfig& config = daemon_.config();
  for (std::uint32_t number = 1; number <= config.transformer.workers; ++number) {
    auto chain = Chain::make(daemon_.definition(), daemon_.log());
    if (!chain) return chain.error();
    auto worker = RawWorker::open(std::move(*chain), *links_, daemon_.log());
    if (!worker) return worker.error();
    workers_.push_back(std::move(*worker));
    overdue_.emplace_back(config.limits.processing);
  }
  return {};
}

Result<void> RawTransformer::run() {
  for (auto& worker : workers_) worker->start();
  daemon_.log().info("ready with {} worker{} between raw links, at most once", workers_.size(),
                     workers_.size() == 1 ? "" : "s");
  Poller poller;
  while (daemon_.stops() == 0) {
    watch();
    report();
    poller.clear();
    poller.readable(daemon_.signals());
    poller.wait(kTick);
  }
  stop_workers();
  std::uint64_t sent = 0;
  for (const auto& worker : workers_) sent += worker->counters().sent;
  daemon_.log().info("left; {} documents received, {} sent", counters_.received.load(), sent);
  return {};
}

void RawTransformer::stop_workers() {
  const Duration timeout = daemon_.config().shutdown_timeout;
  for (auto& worker : workers_) worker->ask_to_stop(std::min(kPatience, timeout / 2));
  Poller nothing;
  while (!std::all_of(workers_.begin(), workers_.end(), [](auto& w) { return w->ended(); })) {
    const Time moment = daemon_.clock().now();
    if (daemon_.stops() > 1 || moment >= daemon_.deadline().value_or(moment)) {
      for (auto& worker : workers_) worker->ask_to_stop(Duration::zero());
      end_without_workers();
    }
    watch();
    nothing.wait(kEndsWithin);
  }
  links_->intake.close();
  const Time now = daemon_.clock().now();
  const Duration left = daemon_.deadline().value_or(now) - now;
  links_->outlet.close(daemon_.stops() > 1 ? Duration::zero()
                                           : std::clamp(left, Duration::zero(), kLinger));
}

// A worker that waits for a peer ends when it is asked to. One that is in a processor can only be
// ended with its process, and the document with it.
void RawTransformer::end_without_workers() {
  if (std::none_of(workers_.begin(), workers_.end(),
                   [](const auto& worker) { return worker->progress().busy(); })) {
    return;
  }
  const std::string when = daemon_.stops() > 1
                               ? std::string("at once, as asked")
                               : fmt::format("after {} (shutdown_timeout)",
                                             to_string(daemon_.config().shutdown_timeout));
  daemon_.log().warn("left without finishing a document {}; it is lost", when);
  std::_Exit(daemon_.reloading() ? kExitOverdue : kExitOk);
}

// A thread that does not come back can only be ended with its process, and the document with it.
void RawTransformer::watch() {
  const Time now = running_.at(daemon_.clock().now());
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    const WorkerProgress& progress = workers_[i]->progress();
    const std::uint64_t mark = progress.mark();
    if (!overdue_[i].look(progress, now) || progress.mark() != mark || !progress.busy()) continue;
    daemon_.log().error(
        "a document is in transformer{}{} for more than {} (limits.processing); this transformer "
        "ends, and the document is lost",
        *progress.processor() == 0 ? "" : ".", progress.processor(),
        to_string(daemon_.config().limits.processing));
    std::_Exit(kExitOverdue);
  }
}

void RawTransformer::report() {
  const Time now = daemon_.clock().now();
  if (!telemetry_.due(now)) return;
  std::array gauges = {Gauge{"workers", workers_.size()},
                       Gauge{"documents"},
                       Gauge{"bytes"},
                       Gauge{"sent"},
                       Gauge{"filtered"},
                       Gauge{"dead"},
                       Gauge{"dropped"},
                       Gauge{"lossy"},
                       Gauge{"missed", counters_.missed},
                       Gauge{"unreadable", counters_.malformed},
                       Gauge{"reloads", daemon_.reloads()},
                       Gauge{"refused_reloads", daemon_.refused_reloads()}};
  for (const auto& worker : workers_) {
    const RawWorkerCounters& counters = worker->counters();
    gauges[1].value += counters.documents;
    gauges[2].value += counters.bytes;
    gauges[3].value += counters.sent;
    gauges[4].value += counters.filtered;
    gauges[5].value += counters.dead;
    gauges[6].value += counters.dropped;
    gauges[7].value += counters.lossy;
  }
  telemetry_.publish(gauges, now);
}

}  // namespace docmill

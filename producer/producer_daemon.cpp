#include "producer/producer_daemon.h"

#include <array>

#include "producer/former_source.h"
#include "producer/producer_settings.h"
#include "producer/sink_decisions.h"
#include "shared/runtime/links.h"
#include "shared/runtime/open_when_possible.h"
#include "shared/store/former_epoch.h"
#include "transformer/chain.h"

namespace docmill {

Result<std::unique_ptr<ProducerDaemon>> ProducerDaemon::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto folder = open_state(daemon);
  if (!folder) return folder.error();
  auto opened = open_when_possible(daemon, [&]() -> Result<ProducerStore> {
    const auto epoch = FormerEpoch(daemon.disk(), config.state, daemon.name()).next();
    if (!epoch) return epoch.error();
    return ProducerStore::open(*folder, {.epoch = *epoch});
  });
  if (!opened) return opened.error();
  auto store = std::make_unique<ProducerStore>(std::move(*opened));
  auto state = open_when_possible(daemon, [&] { return store->state(); });
  if (!state) return state.error();
  // Before the plan is durable: batches stay bound to the plan that they were cut under.
  if (auto made = Chain::make(daemon.definition(), daemon.log()); !made) {
    return made.error();
  }
  const Plan plan = plan_of(config, daemon.definition());
  if (auto taken = take_over_sink_decisions(daemon, *folder, *store, *state, plan.sinks); !taken) {
    return taken.error();
  }
  auto catalog = std::make_unique<StoreCatalog>(*store);
  auto control =
      PullSocket::bind(daemon.context(), config.network.producers.at(daemon.name()).address,
                       control_link(), daemon.security().door(Door::kControl));
  if (!control) return control.error();
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "producer",
                                   config.network.producers.at(daemon.name()).address);
  if (!telemetry) return telemetry.error();
  auto raw = std::make_unique<RawCounters>();
  auto inputs = std::make_unique<InputCounters>();
  auto reader = open_reader(*store, *state, plan, source_components(),
                            {daemon.name(),
                             {},
                             config.limits,
                             config.xml,
                             *catalog,
                             daemon.clock(),
                             daemon.log(),
                             state->lineage.epoch,
                             folder->path(),
                             &daemon.context(),
                             raw.get(),
                             inputs.get(),
                             &daemon.disk(),
                             false,
                             &folder->reserve()});
  if (!reader) return reader.error();
  ProducerParts parts{
      .settings = settings_of(config),
      .state = std::move(*state),
      .store = std::move(store),
      .catalog = std::move(catalog),
      .raw = std::move(raw),
      .inputs = std::move(inputs),
      .reader = std::move(*reader),
      .shutdown_timeout = config.shutdown_timeout,
      .draining = config.network.producers.at(daemon.name()).state == PeerState::kDraining};
  return std::unique_ptr<ProducerDaemon>(new ProducerDaemon(
      daemon, std::move(*folder), std::move(*control), std::move(*telemetry), std::move(parts)));
}

ProducerDaemon::ProducerDaemon(Daemon& daemon, StateFolder folder, PullSocket control,
                               Telemetry telemetry, ProducerParts parts)
    : daemon_(daemon),
      folder_(std::move(folder)),
      control_(std::move(control)),
      members_(daemon.context(), daemon.security()),
      telemetry_(std::move(telemetry)),
      producer_(std::move(parts),
                {control_, members_, daemon.security(), daemon, daemon.clock(), daemon.log()}) {}

Result<void> ProducerDaemon::run() {
  for (;;) {
    wait();
    const auto goes_on = producer_.step();
    report();
    if (!goes_on) return goes_on.error();
    if (!*goes_on) return ended();
  }
}

Result<void> ProducerDaemon::ended() const {
  if (!daemon_.must_finish() || daemon_.reloading() || producer_.has_finished()) return {};
  return Error{ErrorCode::kStopped, "stopped before all of its input was settled"};
}

void ProducerDaemon::wait() {
  poller_.clear();
  poller_.readable(daemon_.signals());
  if (producer_.listens()) poller_.readable(control_);
  if (producer_.source_fd() >= 0) poller_.readable(producer_.source_fd());
  poller_.wait(producer_.idle());
}

void ProducerDaemon::report() {
  const Time now = daemon_.clock().now();
  if (!producer_.finished() && !telemetry_.due(now)) return;
  const Producer::Counters counters = producer_.counters();
  const Totals& settled = counters.core.settled;
  const std::array gauges = {
      Gauge{"read", settled.documents() + counters.in_flight},
      Gauge{"delivered", settled.delivered},
      Gauge{"filtered", settled.filtered},
      Gauge{"dead", settled.dead},
      Gauge{"in_flight", counters.in_flight},
      Gauge{"window_batches", counters.window_batches},
      Gauge{"window_bytes", counters.window_bytes},
      Gauge{"members", counters.members},
      Gauge{"sends", counters.core.sends},
      Gauge{"timeouts", counters.core.timeouts},
      Gauge{"moved", counters.core.moved},
      Gauge{"returned", counters.core.returned},
      Gauge{"deaths", counters.core.deaths},
      Gauge{"condemned", counters.core.condemned},
      Gauge{"ignored_acks", counters.core.ignored},
      Gauge{"malformed", counters.malformed},
      Gauge{"misrouted", counters.misrouted},
      Gauge{"missed", counters.missed},
      Gauge{"unreadable", counters.unreadable},
      Gauge{"failed_files", counters.failed_files},
      Gauge{"forged", daemon_.security().forged()},
      Gauge{"refused_peers", daemon_.security().refused()},
      Gauge{"reloads", daemon_.reloads()},
      Gauge{"refused_reloads", daemon_.refused_reloads()},
      Gauge{"ended", counters.ended ? 1U : 0U},
  };
  telemetry_.publish(gauges, now);
}

}  // namespace docmill

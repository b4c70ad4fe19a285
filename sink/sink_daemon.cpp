#include "sink/sink_daemon.h"

#include <array>
#include <chrono>

#include "shared/base/random.h"
#include "shared/runtime/links.h"
#include "shared/runtime/open_when_possible.h"
#include "sink/files.h"
#include "sink/former_files.h"
#include "sink/open_ledger.h"
#include "sink/output_context.h"
#include "sink/output_files.h"
#include "sink/spills.h"

namespace docmill {
namespace {

// Batches that wait in the socket, for each transformer.
constexpr std::uint32_t kQueue = 8;

}  // namespace

Result<std::unique_ptr<SinkDaemon>> SinkDaemon::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  if (auto checked = check_output_files(config); !checked) return checked.error();
  auto folder = open_state(daemon);
  if (!folder) return folder.error();
  const std::vector<OutputComponent> catalog = output_components();
  auto ledger = open_when_possible(daemon, [&] { return open_ledger(daemon, *folder, catalog); });
  if (!ledger) return ledger.error();
  auto store = std::make_unique<LedgerStore>(std::move(*ledger));
  auto state = open_when_possible(daemon, [&] { return store->state(); });
  if (!state) return state.error();

  OutputContext context{daemon.name(),     *store,          daemon.log(),
                        &daemon.context(), &daemon.clock(), folder->path()};
  auto dead =
      open_when_possible(daemon, [&] { return open_sink_file(config.sink.dead_letters, context); });
  if (!dead) return dead.error();
  const WriteOrder order =
      config.sink.order == Order::kSource ? WriteOrder::kSource : WriteOrder::kAny;
  auto dead_letters = std::make_unique<DeadLetters>(std::move(*dead), order);
  context.dead_letters = dead_letters.get();
  auto outputs =
      open_when_possible(daemon, [&] { return open_outputs(config.sink.outputs, context); });
  if (!outputs) return outputs.error();
  const auto finished =
      open_when_possible(daemon, [&] { return finish_former_files(context, *outputs); });
  if (!finished) return finished.error();
  OutputRoutes routes(*outputs, config.sink.outputs);

  auto documents =
      PullSocket::bind(daemon.context(), config.network.sinks.at(daemon.name()).address,
                       document_link(kQueue), daemon.security().door(Door::kResults));
  if (!documents) return documents.error();
  auto producers = AckLinks::open(daemon.context(), config, daemon.security(), daemon.log());
  if (!producers) return producers.error();
  std::optional<Publisher> publisher;
  if (config.sink.publish) {
    auto opened = Publisher::open(daemon.context(), *config.sink.publish, daemon.name(),
                                  daemon.security(), daemon.clock());
    if (!opened) return opened.error();
    publisher = std::move(*opened);
  }
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "sink",
                                   config.network.sinks.at(daemon.name()).address);
  if (!telemetry) return telemetry.error();
  SinkParts parts{.pipeline = config.pipeline,
                  .name = daemon.name(),
                  .store = std::move(store),
                  .state = std::move(*state),
                  .life = random_number(),
                  .dead_letters = std::move(dead_letters),
                  .outputs = std::move(*outputs),
                  .places = {},
                  .routes = std::move(routes),
                  .publisher = std::move(publisher),
                  .order = order,
                  .early = {config.sink.early.batches, config.sink.early.bytes}};
  for (const Component& output : config.sink.outputs) {
    parts.places.push_back("sink.outputs." + output.key);
  }
  return std::unique_ptr<SinkDaemon>(new SinkDaemon(daemon, std::move(*folder),
                                                    {std::move(*documents), std::move(*producers)},
                                                    std::move(*telemetry), std::move(parts)));
}

SinkDaemon::SinkDaemon(Daemon& daemon, StateFolder folder, Sockets sockets, Telemetry telemetry,
                       SinkParts parts)
    : daemon_(daemon),
      folder_(std::move(folder)),
      sockets_(std::move(sockets)),
      telemetry_(std::move(telemetry)),
      stop_(daemon),
      sink_(std::move(parts),
            {sockets_.batches, sockets_.producers, stop_, daemon.clock(), daemon.log()}) {
  const LedgerTotals& totals = sink_.counters().committed;
  daemon_.log().info("ready at {}; {} documents delivered, {} dead so far{}",
                     sockets_.batches.place(), totals.delivered, totals.dead,
                     spills_text(spills_of(sink_.outputs())));
}

Result<void> SinkDaemon::run() {
  for (;;) {
    wait();
    folder_.reserve().restore(daemon_.clock().now());
    const auto goes_on = sink_.step();
    report();
    if (!goes_on) return goes_on.error();
    if (!*goes_on) return {};
  }
}

void SinkDaemon::wait() {
  poller_.clear();
  poller_.readable(daemon_.signals());
  sockets_.producers.follow();
  if (sink_.listens()) poller_.readable(sockets_.batches);
  for (const auto& output : sink_.outputs()) {
    if (output->fd() >= 0) poller_.readable(output->fd());
  }
  poller_.wait(sink_.idle());
}

void SinkDaemon::report() {
  const Time now = daemon_.clock().now();
  if (!telemetry_.due(now)) return;
  const Sink::Counters counters = sink_.counters();
  const Spills spills = spills_of(sink_.outputs());
  const std::array gauges = {Gauge{"delivered", counters.committed.delivered},
                             Gauge{"filtered", counters.committed.filtered},
                             Gauge{"dead", counters.committed.dead},
                             Gauge{"written", counters.committed.written},
                             Gauge{"suppressed", counters.committed.suppressed},
                             Gauge{"collisions", counters.committed.collisions},
                             Gauge{"early", counters.early},
                             Gauge{"early_bytes", counters.early_bytes},
                             Gauge{"early_dropped", counters.early_dropped},
                             Gauge{"unread_dropped", counters.unread_dropped},
                             Gauge{"refused", counters.refused},
                             Gauge{"malformed", counters.malformed},
                             Gauge{"misrouted", counters.misrouted},
                             Gauge{"spilled", spills.totals.spilled()},
                             Gauge{"spilled_delivered", spills.totals.delivered},
                             Gauge{"spilled_waiting", spills.totals.waiting},
                             Gauge{"spilled_refused", spills.totals.refused},
                             Gauge{"spilled_lost", spills.totals.lost},
                             Gauge{"spills_failing", spills.failing},
                             Gauge{"spill_answers", spills.answers},
                             Gauge{"refused_peers", daemon_.security().refused()},
                             Gauge{"reloads", daemon_.reloads()},
                             Gauge{"refused_reloads", daemon_.refused_reloads()}};
  telemetry_.publish(gauges, now);
}

}  // namespace docmill

#include "tests/support/daemons/pipeline_faults.h"

#include <chrono>

namespace docmill::daemons {

void Pipeline::add_sink(World& world, Network& network, const PipelineSettings& settings,
                        const std::string& name) {
  sinks.push_back(std::make_unique<SinkProcess>(world, network, settings.config, name, bug));
  SinkHost& host = sinks.back()->host();
  const SinkConfig& config = settings.config.sink;
  host.settings = {settings.outputs,
                   config.order == Order::kSource ? WriteOrder::kSource : WriteOrder::kAny,
                   {config.early.batches, config.early.bytes}};
  if (settings.kind == PipelineKind::kSmall) host.settings.spill = {64 << 10};
  if (const auto made = make_table(host); !made) world.fail(made.error().text);
}

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

Duration PipelineFaults::away() {
  return world_.dice.chance(85) ? world_.dice.time(milliseconds(10), seconds(2))
                                : world_.dice.time(seconds(4), seconds(25));
}

Process& PipelineFaults::any() {
  const std::uint64_t roll = world_.dice.below(3);
  if (roll == 0) return any_producer();
  if (roll == 1) return *pipeline_.members[world_.dice.below(pipeline_.members.size())];
  return any_sink();
}

Process& PipelineFaults::any_producer() {
  return *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
}

Process& PipelineFaults::any_sink() {
  return *pipeline_.sinks[world_.dice.below(pipeline_.sinks.size())];
}

void PipelineFaults::plan() {
  if (settings_.faultless) return;
  for (std::uint64_t i = 0; i < settings_.strikes; ++i) {
    world_.after(world_.dice.time(milliseconds(20), settings_.time), [this] {
      strike();
      if (world_.dice.chance(25)) strike();
    });
  }
  for (const auto& sink : pipeline_.sinks) {
    plan_absence(sink->host().server);
    plan_absence(sink->host().spill_server);
  }
  if (settings_.restores) {
    plan_restore();
  } else if (settings_.kind == PipelineKind::kSmall && world_.dice.chance(6)) {
    world_.after(world_.dice.time(milliseconds(20), settings_.time), [this] { add_sink(); });
  }
  world_.after(settings_.time + milliseconds(1), [this] { calm(); });
}

void PipelineFaults::plan_absence(Server& server) {
  if (!world_.dice.chance(30)) return;
  const Time begin = world_.now() + world_.dice.time(milliseconds(1), settings_.time);
  world_.at(begin, [this, &server] { server.fails = !world_.calm; });
  world_.at(begin + world_.dice.time(milliseconds(1), seconds(6)),
            [&server] { server.fails = false; });
}

void PipelineFaults::plan_restore() {
  const Time backup_at = world_.now() + world_.dice.time(milliseconds(1), settings_.time / 2);
  const Time restore_at = backup_at + world_.dice.time(milliseconds(1), settings_.time / 2);
  world_.at(backup_at, [this, restore_at] {
    SinkProcess* const sink = pipeline_.sinks.front().get();
    world_.at(restore_at, [this, sink, backup = sink->host().files.back_up()] {
      if (world_.calm) return;
      for (const auto& producer : pipeline_.producers) producer->on_restored_sink();
      sink->restore(backup);
    });
  });
}

// Those that do not know it yet are told at the latest when the world is calm.
void PipelineFaults::add_sink() {
  if (world_.calm) return;
  const std::string name = fmt::format("s{}", pipeline_.sinks.size() + 1);
  world_.trace("{} joins", name);
  settings_.config.network.sinks[name] = {"tcp://" + name, PeerState::kActive};
  added_sink_ = world_.now();
  pipeline_.add_sink(world_, network_, settings_, name);
  pipeline_.sinks.back()->start();
}

void PipelineFaults::calm() {
  if (world_.calm) return;
  world_.trace("the world is calm");
  world_.calm = true;
  for (Process* process : pipeline_.all()) {
    if (added_sink_ && process->running() && process->started() <= *added_sink_) {
      process->kill(milliseconds(100), false);
    }
  }
}

void PipelineFaults::strike() {
  if (world_.calm) return;
  const std::uint64_t roll = world_.dice.below(100);
  if (roll < 30) return any().kill(away(), false);
  if (roll < 42) return any().kill(away(), true);
  if (roll < 56) {
    return any().pause(world_.dice.chance(70) ? world_.dice.time(milliseconds(50), seconds(4))
                                              : world_.dice.time(seconds(4), seconds(70)));
  }
  if (roll < 78) return signal(any());
  if (roll < 86) return any_sink().fill_disk(world_.dice.time(milliseconds(50), seconds(8)));
  if (roll < 88) return any_producer().fill_disk(world_.dice.time(milliseconds(50), seconds(8)));
  if (roll < 95) {
    world_.trace("connections break");
    return network_.break_connections(world_.dice.chance(50) ? 100 : 40);
  }
  any_sink().kill(seconds(60), false);
}

// Some edit the pipeline file before they have it read again.
void PipelineFaults::signal(Process& process) {
  if (world_.dice.chance(30)) edit(settings_, world_.dice);
  process.signal(world_.dice.chance(50));
  if (!world_.dice.chance(15)) return;
  world_.after(world_.dice.time(milliseconds(1), seconds(1)),
               [&process] { process.signal(false); });
}

}  // namespace docmill::daemons

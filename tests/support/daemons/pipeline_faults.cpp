#include "tests/support/daemons/pipeline_faults.h"

#include <chrono>

namespace docmill::daemons {
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
  if (roll == 0) return *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
  if (roll == 1) return *pipeline_.members[world_.dice.below(pipeline_.members.size())];
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
    if (!world_.dice.chance(30)) continue;
    const Time begin = world_.now() + world_.dice.time(milliseconds(1), settings_.time);
    world_.at(begin, [&sink] { sink->host().server.fails = true; });
    world_.at(begin + world_.dice.time(milliseconds(1), seconds(6)),
              [&sink] { sink->host().server.fails = false; });
  }
  world_.after(settings_.time + milliseconds(1), [this] {
    world_.trace("the world is calm");
    world_.calm = true;
  });
}

void PipelineFaults::strike() {
  const std::uint64_t roll = world_.dice.below(100);
  if (roll < 30) return any().kill(away(), false);
  if (roll < 42) return any().kill(away(), true);
  if (roll < 56) {
    return any().pause(world_.dice.chance(70) ? world_.dice.time(milliseconds(50), seconds(4))
                                              : world_.dice.time(seconds(4), seconds(70)));
  }
  if (roll < 84) return signal(any());
  if (roll < 95) {
    world_.trace("connections break");
    return network_.break_connections(world_.dice.chance(50) ? 100 : 40);
  }
  pipeline_.sinks[world_.dice.below(pipeline_.sinks.size())]->kill(seconds(60), false);
}

// Some edit the pipeline file before they have it read again.
void PipelineFaults::signal(Process& process) {
  if (world_.dice.chance(30)) draw_limits(settings_.config, settings_.kind, world_.dice);
  process.signal(world_.dice.chance(50));
  if (!world_.dice.chance(15)) return;
  world_.after(world_.dice.time(milliseconds(1), seconds(1)),
               [&process] { process.signal(false); });
}

}  // namespace docmill::daemons

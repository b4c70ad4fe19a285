#include "tests/simulation/faults.h"

#include "tests/simulation/simulated_member.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {
namespace {

constexpr int kStrikesMost = 10;

Duration outage(Dice& dice) { return dice.chance(85) ? dice.time(20ms, 2s) : dice.time(4s, 25s); }

}  // namespace

void Faults::plan(Duration time) {
  const auto strikes = world_.dice.between(2, kStrikesMost);
  for (std::uint64_t i = 0; i < strikes; ++i) {
    world_.after(world_.dice.time(50ms, time), [this] { strike(); });
  }
  world_.after(time + 1ms, [this] { calm(); });
}

void Faults::strike() {
  ++world_.coverage.faults;
  const auto roll = world_.dice.below(100);
  if (roll < 35) return kill();
  if (roll < 47) return kill_committing();
  if (roll < 60) return pause();
  if (roll < 70) return pipeline_.members[world_.dice.below(pipeline_.members.size())]->drain();
  if (roll < 78) return break_links();
  if (roll < 86) return change_pipeline();
  if (roll < 92) return change_file();
  if (roll < 94) return throw_state_away();
  if (roll < 97) return pipeline_.producers[world_.dice.below(pipeline_.producers.size())]->stop();
  pipeline_.add_member().start();
}

Process& Faults::any_process() {
  const auto roll = world_.dice.below(3);
  if (roll == 0) return *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
  if (roll == 1) return *pipeline_.members[world_.dice.below(pipeline_.members.size())];
  return *pipeline_.sinks[world_.dice.below(pipeline_.sinks.size())];
}

void Faults::kill() {
  if (world_.dice.chance(20)) {
    auto& producer = *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
    return producer.kill_within(outage(world_.dice));
  }
  any_process().kill(outage(world_.dice));
}

// Waits for a process to be in the middle of a commit.
void Faults::kill_committing() {
  for (const auto& sink : pipeline_.sinks) {
    if (sink->committing() && world_.dice.chance(50)) return sink->kill(outage(world_.dice));
  }
  for (const auto& producer : pipeline_.producers) {
    if (producer->committing()) return producer->kill(outage(world_.dice));
  }
  if (!world_.calm) world_.after(world_.dice.time(100us, 2ms), [this] { kill_committing(); });
}

void Faults::pause() {
  const Duration duration =
      world_.dice.chance(70) ? world_.dice.time(100ms, 4s) : world_.dice.time(4s, 70s);
  any_process().pause(duration);
}

void Faults::break_links() {
  for (const auto& producer : pipeline_.producers) producer->break_links();
  for (const auto& member : pipeline_.members) member->break_links();
  for (const auto& sink : pipeline_.sinks) sink->break_links();
}

void Faults::change_file() {
  auto& producer = *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
  producer.kill(outage(world_.dice));
  if (producer.running() || producer.done()) return;
  Place place = Place::parse(producer.durable().checkpoint.position);
  if (world_.dice.chance(30)) place = {place.file + 1, 0};
  producer.input().change_file(world_, place);
}

void Faults::throw_state_away() {
  auto& producer = *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
  producer.kill(outage(world_.dice));
  producer.throw_state_away();
}

// People edit the pipeline file, and start some of the daemons again at once.
void Faults::change_pipeline() {
  const auto roll = world_.dice.below(3);
  if (roll == 0 && pipeline_.sinks.size() < 4) {
    pipeline_.add_sink().start();
  } else if (roll == 1) {
    ++pipeline_.file.processors;
  } else if (pipeline_.file.order == WriteOrder::kAny && world_.dice.chance(30)) {
    pipeline_.file.keyed = !pipeline_.file.keyed;
  }
  auto& producer = *pipeline_.producers[world_.dice.below(pipeline_.producers.size())];
  producer.config.limits.documents = static_cast<std::uint32_t>(world_.dice.between(1, 12));
  producer.config.limits.bytes = Bytes{world_.dice.between(40, 500)};
  world_.trace("the pipeline file has changed: {} sinks, processors {}{}",
               pipeline_.file.sinks.size(), pipeline_.file.processors,
               pipeline_.file.keyed ? ", keyed" : "");
  if (world_.dice.chance(70)) {
    producer.stop();
  } else {
    producer.kill(outage(world_.dice));
  }
  for (const auto& member : pipeline_.members) {
    if (world_.dice.chance(50)) member->kill(world_.dice.time(50ms, 500ms));
  }
}

void Faults::calm() {
  world_.trace("the world is calm");
  world_.calm = true;
  for (const auto& member : pipeline_.members) {
    if (member->running() && !member->up_to_date()) member->kill(100ms);
  }
}

}  // namespace docmill::simulation

#include "tests/simulation/simulation.h"

#include "tests/simulation/faults.h"
#include "tests/simulation/simulated_member.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {
namespace {

constexpr std::uint64_t kMostEvents = 400'000;
constexpr std::uint64_t kLeastEvents = 500;
constexpr Duration kAftermath = 5s;

void set_up_producer(World& world, SimulatedProducer& producer, Duration time, bool keyed) {
  Dice& dice = world.dice;
  producer.config.limits = {static_cast<std::uint32_t>(dice.between(1, 12)),
                            Bytes{dice.between(40, 500)}};
  ProducerSettings& settings = producer.config.settings;
  settings.window = {static_cast<std::uint32_t>(dice.between(2, 24)),
                     Bytes{dice.between(500, 6000)}};
  settings.member = {static_cast<std::uint32_t>(dice.between(1, 8)),
                     Bytes{dice.between(300, 3000)}};
  settings.max_deaths = static_cast<std::uint32_t>(dice.between(2, 3));
  Input& input = producer.input();
  input.boundaries = dice.chance(50);
  const bool poison = dice.chance(keyed ? 40 : 15);
  const auto files = dice.between(3, 9);
  for (std::uint64_t i = 0; i < files; ++i) {
    const std::size_t documents = dice.chance(10) ? 0 : dice.between(5, 60);
    const bool poisoned = poison && dice.chance(40);
    world.after(i == 0 ? Duration{0} : dice.time(0ms, time), [&world, &input, documents, poisoned] {
      input.write_file(world, documents, poisoned);
    });
  }
}

void set_up(World& world, Pipeline& pipeline, Duration time) {
  Dice& dice = world.dice;
  world.adversarial = dice.chance(33);
  if (dice.chance(50)) {
    pipeline.file.order = WriteOrder::kSource;
    pipeline.file.early = {static_cast<std::uint32_t>(dice.between(1, 24)),
                           Bytes{dice.between(200, 6000)}};
  } else {
    pipeline.file.keyed = dice.chance(75);
  }
  const auto sinks = dice.between(1, 3);
  for (std::uint64_t i = 0; i < sinks; ++i) pipeline.add_sink().start();
  const auto producers = dice.between(1, 2);
  for (std::uint64_t i = 0; i < producers; ++i) {
    set_up_producer(world, pipeline.add_producer(), time, pipeline.file.keyed);
  }
  const auto members = dice.between(1, 4);
  for (std::uint64_t i = 0; i < members; ++i) pipeline.add_member().start();
  for (const auto& producer : pipeline.producers) {
    world.after(dice.time(0ms, 500ms), [&producer] { producer->start(); });
  }
}

bool all_done(const Pipeline& pipeline) {
  for (const auto& producer : pipeline.producers) {
    if (!producer->done()) return false;
  }
  return true;
}

}  // namespace

Outcome simulate(std::uint64_t seed, Bug bug, bool trace) {
  World world(seed, bug, trace);
  Pipeline pipeline(world);
  const Duration time = world.dice.time(5s, 14s);
  set_up(world, pipeline, time);
  Faults faults(pipeline);
  faults.plan(time);
  while (!all_done(pipeline) && world.events() < kMostEvents && world.step()) {
  }
  if (!all_done(pipeline) && !world.failure()) {
    std::string standing;
    for (const auto& producer : pipeline.producers) standing += "; " + producer->standing();
    world.fail("it does not end" + standing);
  }
  // What is still on its way, or held by a zombie, must change nothing.
  const Time end = world.now() + kAftermath;
  while ((world.now() < end || world.events() < kLeastEvents) && world.step()) {
  }
  for (const auto& producer : pipeline.producers) producer->check_balance();
  for (const auto& sink : pipeline.sinks) sink->check_balance();
  Outcome outcome{{}, world.events(), world.coverage};
  if (world.failure()) {
    outcome.failure = fmt::format(
        "seed {}: {}\n  replay it with: DOCMILL_SEED={} test_simulation \"one seed is told as a "
        "story\"",
        seed, *world.failure(), seed);
  }
  return outcome;
}

}  // namespace docmill::simulation

#include "tests/support/daemons/pipeline_settings.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <utility>

#include "shared/base/check.h"
#include "transformer/processor_context.h"

namespace docmill::daemons {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint32_t number(simulation::Dice& dice, std::uint64_t least, std::uint64_t most) {
  return static_cast<std::uint32_t>(dice.between(least, most));
}

std::vector<Component> processors(bool keyed) {
  static const auto kParsed = [](bool with_key) {
    std::string text = R"([{"drop":{"path":"/drop"}},{"route":{"path":"/route"}})";
    if (with_key) text += R"(,{"key":{"path":"/key"}})";
    auto components = parse_components(text + "]", processor_set());
    DOCMILL_CHECK(components, "the processors of the simulation: {}", components.error().text);
    return *components;
  };
  static const std::vector<Component> kPlain = kParsed(false);
  static const std::vector<Component> kKeyed = kParsed(true);
  return keyed ? kKeyed : kPlain;
}

Component source() {
  static const Component kSource = [] {
    auto components = parse_components(
        R"([{"simulated":{}}])", component_set("source", std::vector{simulated_source(Input())}));
    DOCMILL_CHECK(components, "the source of the simulation: {}", components.error().text);
    return components->front();
  }();
  return kSource;
}

PipelineKind draw_kind(simulation::Dice& dice) {
  const std::uint64_t roll = dice.below(1000);
  if (roll < 2) return PipelineKind::kLargeBatches;
  if (roll < 7) return PipelineKind::kManyMembers;
  if (roll < 11) return PipelineKind::kMetadata;
  return PipelineKind::kSmall;
}

void draw_network(PipelineSettings& settings, simulation::Dice& dice) {
  const bool small = settings.kind == PipelineKind::kSmall;
  NetworkConfig& network = settings.config.network;
  const std::uint64_t producers = small ? dice.between(1, 3) : 1;
  for (std::uint64_t i = 1; i <= producers; ++i) {
    network.producers[fmt::format("p{}", i)] = {fmt::format("tcp://p{}", i), PeerState::kActive};
  }
  const std::uint64_t sinks = settings.restores ? 1
                              : small           ? dice.between(1, 4)
                                                : dice.between(1, 2);
  for (std::uint64_t i = 1; i <= sinks; ++i) {
    network.sinks[fmt::format("s{}", i)] = {fmt::format("tcp://s{}", i), PeerState::kActive};
  }
  settings.members = dice.between(1, 4);
  settings.config.transformer.workers = number(dice, 1, dice.chance(20) ? 8 : 3);
  if (settings.kind == PipelineKind::kManyMembers) {
    settings.members = dice.between(40, 300);
    settings.config.transformer.workers = 1;
  }
}

void draw_input(PipelineSettings& settings, const std::string& producer, simulation::Dice& dice) {
  InputSettings input;
  input.producer = producer;
  input.documents = number(dice, 1, dice.chance(20) ? 200 : 60);
  input.padding = dice.chance(10) ? number(dice, 0, 3000) : number(dice, 0, 60);
  if (dice.chance(20)) input.metadata = number(dice, 0, dice.chance(20) ? 5000 : 200);
  input.alternates = dice.chance(10);
  input.boundaries = dice.chance(15);
  input.poison = !settings.faultless && dice.chance(12);
  input.limit = settings.config.limits.document;
  if (input.limit.count <= (16 << 10) && dice.chance(40)) input.oversize = 1;
  input.keyed = settings.config.sink.partition == Partition::kKey;
  if (dice.chance(60)) input.spread = dice.time(milliseconds(1), settings.time);
  if (settings.config.sink.partition == Partition::kBatch && dice.chance(40)) {
    input.routes = {"a", "b"};
  }
  if (settings.kind == PipelineKind::kLargeBatches) {
    input.documents = number(dice, 40'000, 140'000);
    input.padding = 0;
    input.metadata = 0;
    input.alternates = true;
    input.poison = input.boundaries = false;
    input.spread = {};
  }
  if (settings.kind == PipelineKind::kManyMembers) input.spread = seconds(8);
  if (settings.kind == PipelineKind::kMetadata) {
    input.documents = number(dice, 5, 30);
    input.oversize = 20;
    input.metadata = 900'000;
  }
  settings.inputs.push_back(std::move(input));
}

void draw_limits(PipelineConfig& config, PipelineKind kind, simulation::Dice& dice) {
  config.producer.batch = {
      number(dice, 1, dice.chance(10) ? 65'536 : 12),
      {dice.chance(80) ? dice.between(1 << 10, 6 << 10) : dice.between(1 << 10, 64 << 20)}};
  config.producer.window = {
      number(dice, 1, dice.chance(10) ? 65'536 : 24),
      {dice.chance(80) ? dice.between(1 << 10, 32 << 10) : dice.between(1 << 10, 64 << 20)}};
  if (kind == PipelineKind::kLargeBatches) {
    config.producer.batch = {65'536, {64 << 20}};
    config.producer.window = {1024, {64 << 20}};
  }
}

}  // namespace

void edit(PipelineSettings& settings, simulation::Dice& dice) {
  PipelineConfig& config = settings.config;
  if (dice.chance(60)) draw_limits(config, settings.kind, dice);
  if (dice.chance(30)) {
    std::swap(config.transformer.processors.front(), config.transformer.processors.back());
  }
  if (!dice.chance(20)) return;
  std::size_t active = 0;
  for (auto& [name, peer] : config.network.sinks) active += peer.state == PeerState::kActive;
  const std::uint64_t place = dice.below(config.network.sinks.size());
  PeerConfig& peer = std::next(config.network.sinks.begin(), static_cast<long>(place))->second;
  if (peer.state == PeerState::kDraining) {
    peer.state = PeerState::kActive;
  } else if (active > 1) {
    peer.state = PeerState::kDraining;
  }
}

PipelineSettings PipelineSettings::plain() {
  PipelineSettings settings;
  settings.faultless = true;
  PipelineConfig& config = settings.config;
  config.pipeline = "simulated";
  config.transformer.processors = processors(false);
  config.producer.source = source();
  config.network.producers["p1"] = {"tcp://p1", PeerState::kActive};
  config.network.sinks["s1"] = {"tcp://s1", PeerState::kActive};
  settings.inputs.emplace_back().producer = "p1";
  return settings;
}

PipelineSettings PipelineSettings::draw(simulation::Dice& dice) {
  PipelineSettings settings;
  settings.kind = draw_kind(dice);
  settings.faultless = dice.chance(settings.kind == PipelineKind::kManyMembers ? 40 : 12);
  settings.restores =
      !settings.faultless && settings.kind == PipelineKind::kSmall && dice.chance(3);
  settings.wild = !settings.faultless && dice.chance(33);
  settings.time = dice.time(seconds(1), seconds(settings.kind == PipelineKind::kSmall ? 12 : 3));
  settings.strikes = settings.faultless ? 0 : dice.between(1, 10);
  settings.work.most = dice.chance(10) ? milliseconds(300) : milliseconds(3);
  PipelineConfig& config = settings.config;
  config.pipeline = "simulated";
  config.shutdown_timeout =
      dice.chance(50) ? Duration(seconds(5)) : dice.time(milliseconds(100), seconds(8));
  if (dice.chance(30)) config.limits.document = {dice.between(1 << 10, 16 << 10)};
  config.sink.partition = dice.chance(20) ? Partition::kKey : Partition::kBatch;
  if (config.sink.partition == Partition::kBatch && dice.chance(40)) {
    config.sink.order = Order::kSource;
  }
  config.sink.early = {number(dice, 1, 24), {dice.between(500, 9000)}};
  config.transformer.processors = processors(config.sink.partition == Partition::kKey);
  config.producer.source = source();
  draw_limits(config, settings.kind, dice);
  draw_network(settings, dice);
  for (const auto& [producer, peer] : config.network.producers) {
    draw_input(settings, producer, dice);
  }
  std::vector<std::string> routes = settings.inputs.front().routes;
  for (InputSettings& input : settings.inputs) input.routes = routes;
  settings.outputs = draw_outputs(dice, routes);
  // A simulated server would take hours for as many as large batches have.
  if (settings.kind != PipelineKind::kLargeBatches && dice.chance(25)) {
    settings.outputs.push_back({"spill", dice.chance(50) ? "each" : "", {}});
    if (!routes.empty() && dice.chance(40)) settings.outputs.back().routes = {dice.pick(routes)};
  }
  return settings;
}

}  // namespace docmill::daemons

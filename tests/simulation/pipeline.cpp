#include "tests/simulation/pipeline.h"

#include "tests/simulation/simulated_member.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {
namespace {

void note_lost(World& world, const ControlRecord& record) {
  if (std::holds_alternative<Ack>(record)) ++world.coverage.acks_lost;
}

}  // namespace

std::string processors_text(std::uint64_t revision) {
  return fmt::format("processors {}", revision);
}

Pipeline::Pipeline(World& shared) : world(shared), audit(shared) {}
Pipeline::~Pipeline() = default;

SimulatedProducer& Pipeline::add_producer() {
  Input& input = audit.add_producer();
  producers.push_back(std::make_unique<SimulatedProducer>(*this, input));
  return *producers.back();
}

SimulatedMember& Pipeline::add_member() {
  members.push_back(std::make_unique<SimulatedMember>(*this, fmt::format("m{}", members.size())));
  return *members.back();
}

SimulatedSink& Pipeline::add_sink() {
  sinks.push_back(std::make_unique<SimulatedSink>(*this, fmt::format("s{}", sinks.size())));
  file.sinks.push_back(sinks.back()->name());
  return *sinks.back();
}

SimulatedProducer& Pipeline::producer(const std::string& name) {
  return *producers[number_of(name)];
}
SimulatedMember& Pipeline::member(const std::string& name) { return *members[number_of(name)]; }
SimulatedSink& Pipeline::sink(const std::string& name) { return *sinks[number_of(name)]; }

std::vector<std::string> Pipeline::producer_names() const {
  std::vector<std::string> names;
  for (const auto& producer : producers) names.push_back(producer->name());
  return names;
}

std::shared_ptr<DocumentLink> Pipeline::link_to_member(const Process& from,
                                                       const std::string& name) {
  return std::make_shared<DocumentLink>(
      world, from,
      [this, name](const DocumentMessage& message) { return member(name).receive(message); },
      [](const DocumentMessage&) {});
}

std::shared_ptr<DocumentLink> Pipeline::link_to_sink(const Process& from, const std::string& name) {
  return std::make_shared<DocumentLink>(
      world, from,
      [this, name](const DocumentMessage& message) { return sink(name).receive(message); },
      [](const DocumentMessage&) {});
}

std::shared_ptr<ControlLink> Pipeline::link_to_producer(const Process& from,
                                                        const std::string& name) {
  return std::make_shared<ControlLink>(
      world, from,
      [this, name](const ControlRecord& record) { return producer(name).receive(record); },
      [this](const ControlRecord& record) { note_lost(world, record); });
}

}  // namespace docmill::simulation

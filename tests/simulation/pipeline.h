// Pipeline: the processes of one simulation, the pipeline file they read at their start, and who
// listens where.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/protocol/early_batches.h"
#include "shared/protocol/ledger_core.h"
#include "tests/simulation/audit.h"
#include "tests/simulation/link.h"

namespace docmill::simulation {

class SimulatedProducer;
class SimulatedMember;
class SimulatedSink;

// What travels on a document socket.
struct DocumentMessage {
  BatchHeader header;
  std::shared_ptr<const std::string> payload;
};
using DocumentLink = Link<DocumentMessage>;
using ControlLink = Link<ControlRecord>;

// What all daemons read when they start.
struct PipelineFile {
  std::vector<std::string> sinks;
  std::uint64_t processors = 1;
  WriteOrder order = WriteOrder::kAny;
  EarlyLimits early;
  bool keyed = false;
};

std::string processors_text(std::uint64_t revision);

class Pipeline {
 public:
  explicit Pipeline(World& shared);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  SimulatedProducer& add_producer();
  SimulatedMember& add_member();
  SimulatedSink& add_sink();

  SimulatedProducer& producer(const std::string& name);
  SimulatedMember& member(const std::string& name);
  SimulatedSink& sink(const std::string& name);
  std::vector<std::string> producer_names() const;

  std::shared_ptr<DocumentLink> link_to_member(const Process& from, const std::string& name);
  std::shared_ptr<DocumentLink> link_to_sink(const Process& from, const std::string& name);
  std::shared_ptr<ControlLink> link_to_producer(const Process& from, const std::string& name);

  World& world;
  Audit audit;
  PipelineFile file;
  std::vector<std::unique_ptr<SimulatedProducer>> producers;
  std::vector<std::unique_ptr<SimulatedMember>> members;
  std::vector<std::unique_ptr<SimulatedSink>> sinks;
};

}  // namespace docmill::simulation

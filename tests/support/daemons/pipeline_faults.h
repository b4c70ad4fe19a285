// PipelineFaults: what goes wrong in a simulated pipeline, and when. Pipeline: its processes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/daemons/member_process.h"
#include "tests/support/daemons/pipeline_settings.h"
#include "tests/support/daemons/producer_process.h"
#include "tests/support/daemons/sink_process.h"

namespace docmill::daemons {

struct Pipeline final : SilenceListener {
  Bug bug = Bug::kNone;
  std::vector<std::unique_ptr<ProducerProcess>> producers;
  std::vector<std::unique_ptr<MemberProcess>> members;
  std::vector<std::unique_ptr<SinkProcess>> sinks;

  void on_pause(std::uint64_t incarnation) override {
    for (const auto& one : producers) one->lone_deaths().on_silence(incarnation);
  }
  void on_end(std::uint64_t incarnation) override {
    for (const auto& one : producers) one->lone_deaths().on_end(incarnation);
  }
  void add_sink(World& world, Network& network, const PipelineSettings& settings,
                const std::string& name);
  std::vector<Process*> all() const {
    std::vector<Process*> processes;
    for (const auto& one : producers) processes.push_back(one.get());
    for (const auto& one : sinks) processes.push_back(one.get());
    for (const auto& one : members) processes.push_back(one.get());
    return processes;
  }
};

class PipelineFaults {
 public:
  PipelineFaults(World& world, Network& network, PipelineSettings& settings, Pipeline& pipeline)
      : world_(world), network_(network), settings_(settings), pipeline_(pipeline) {}

  // From now on; after the last of them the world is calm.
  void plan();

 private:
  void strike();
  void add_sink();
  void plan_restore();
  // The server is away for a while.
  void plan_absence(Server& server);
  void calm();
  void signal(Process& process);
  Process& any();
  Process& any_producer();
  Process& any_sink();
  Duration away();

  World& world_;
  Network& network_;
  PipelineSettings& settings_;
  Pipeline& pipeline_;
  std::optional<Time> added_sink_;
};

}  // namespace docmill::daemons

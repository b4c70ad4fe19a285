// PipelineSettings: what a simulated pipeline is like, drawn from the dice: its pipeline file, its
// input, and what goes wrong. Values.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/config/pipeline.h"
#include "tests/support/daemons/member_process.h"
#include "tests/support/daemons/simulated_source.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

// Small ones are nearly all; each of the others is at one limit.
enum class PipelineKind { kSmall, kLargeBatches, kManyMembers, kMetadata };

struct PipelineSettings {
  PipelineKind kind = PipelineKind::kSmall;
  PipelineConfig config;  // of the whole pipeline, but the outputs
  std::vector<InputSettings> inputs;
  std::vector<OutputPlan> outputs;
  std::size_t members = 1;
  WorkTime work;
  bool wild = false;       // the network loses, repeats and reorders
  bool faultless = false;  // nothing goes wrong
  bool restores = false;   // the only sink gets an older copy of its state back
  std::uint64_t strikes = 0;
  Duration time{};  // from the first fault to the last

  static PipelineSettings draw(simulation::Dice& dice);
  // One producer and one sink, where nothing goes wrong.
  static PipelineSettings plain();
};

// Somebody edits the pipeline file: other limits of batches and windows, the processors in another
// order, a sink that drains or does so no longer. What becomes of a document stays the same.
void edit(PipelineSettings& settings, simulation::Dice& dice);

}  // namespace docmill::daemons

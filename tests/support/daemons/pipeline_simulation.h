// A simulation of a pipeline from one seed: real producers, transformers and sinks on simulated
// hosts and links, and what goes wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/daemons/pipeline_settings.h"
#include "tests/support/daemons/process.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

struct PipelineOutcome {
  std::optional<std::string> failure;
  std::uint64_t documents = 0;
  std::uint64_t events = 0;
  std::uint64_t poisoned = 0;  // lives that a document has ended
  ProcessCounts counts;        // of all processes
};

// With these settings.
PipelineOutcome simulate_pipeline(const PipelineSettings& settings, Bug bug = Bug::kNone);

// With settings from the seed. trace: prints what happens.
PipelineOutcome simulate_pipeline(std::uint64_t seed, Bug bug = Bug::kNone, bool trace = false);

}  // namespace docmill::daemons

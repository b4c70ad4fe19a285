// A simulation of a pipeline from one seed: real producers, transformers and sinks on simulated
// hosts and links, and what goes wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/daemons/process.h"
#include "tests/daemons/sink_host.h"

namespace docmill::daemons {

struct PipelineOutcome {
  std::optional<std::string> failure;
  std::uint64_t documents = 0;
  std::uint64_t events = 0;
  std::uint64_t poisoned = 0;  // lives that a document has ended
  ProcessCounts counts;        // of all processes
};

// trace: prints what happens.
PipelineOutcome simulate_pipeline(std::uint64_t seed, Bug bug = Bug::kNone, bool trace = false);

}  // namespace docmill::daemons

// Simulation: a whole pipeline - producers, members, sinks, disks, network - and what goes wrong
// with it, from one seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/coverage.h"
#include "tests/simulation/world.h"

namespace docmill::simulation {

struct Outcome {
  std::optional<std::string> failure;  // with how to replay it
  std::uint64_t events = 0;
  Coverage coverage;
};

// Runs until every document is accounted for, or something is wrong. trace: a line for each event
// that a reader would want, on standard output.
Outcome simulate(std::uint64_t seed, Bug bug = Bug::kNone, bool trace = false);

}  // namespace docmill::simulation

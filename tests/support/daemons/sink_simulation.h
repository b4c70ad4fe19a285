// A simulation of a real sink from one seed: its outputs, disk, network, signals and settings, and
// what goes wrong with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

struct SinkOutcome {
  std::optional<std::string> failure;
  std::uint64_t steps = 0;
  std::uint64_t lives = 0;
  std::uint64_t power_cuts = 0;
  std::uint64_t orderly_ends = 0;
  std::uint64_t full_disks = 0;
  std::uint64_t documents = 0;
};

SinkOutcome simulate_sink(std::uint64_t seed, Bug bug = Bug::kNone);

}  // namespace docmill::daemons

// What the outputs of a sink have in spools, together: for its telemetry and its log.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "shared/runtime/component.h"
#include "shared/store/spool_mark.h"

namespace docmill {

struct Spills {
  SpoolTotals totals;
  std::size_t failing = 0;    // outputs whose receiver did not take the last attempt
  std::uint64_t answers = 0;  // of all receivers since the start
};

Spills spills_of(const std::vector<std::unique_ptr<Output>>& outputs);

// "; of 300 spilled, 200 delivered, 90 waiting, 10 refused"; empty when nothing was spilled.
std::string spills_text(const Spills& spills);

}  // namespace docmill

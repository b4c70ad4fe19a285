#include "sink/spills.h"

#include <fmt/format.h>

#include "sink/spilling.h"

namespace docmill {

Spills spills_of(const std::vector<std::unique_ptr<Output>>& outputs) {
  Spills sum;
  for (const auto& output : outputs) {
    const Spilling* const spills = spilling(output);
    if (spills == nullptr) continue;
    const Spill spill = spills->spill();
    sum.totals.delivered += spill.totals.delivered;
    sum.totals.refused += spill.totals.refused;
    sum.totals.waiting += spill.totals.waiting;
    sum.totals.lost += spill.totals.lost;
    sum.answers += spill.answers;
    if (spill.fails) ++sum.failing;
  }
  return sum;
}

std::string spills_text(const Spills& spills) {
  const SpoolTotals& totals = spills.totals;
  if (totals.spilled() == 0) return {};
  const std::string lost = totals.lost > 0 ? fmt::format(", {} lost", totals.lost) : "";
  return fmt::format("; of {} spilled, {} delivered, {} waiting, {} refused{}", totals.spilled(),
                     totals.delivered, totals.waiting, totals.refused, lost);
}

}  // namespace docmill

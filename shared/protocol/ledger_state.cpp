#include "shared/protocol/ledger_state.h"

#include <algorithm>

namespace docmill {

void apply(const LedgerFacts& facts, LedgerState& state) {
  for (const LedgerFacts::Row& row : facts.rows) {
    std::vector<LedgerEntry>& entries = state.lineages[row.lineage].entries[row.sequence];
    const auto same = std::find_if(entries.begin(), entries.end(), [&](const LedgerEntry& entry) {
      return entry.origin_hash == row.entry.origin_hash;
    });
    if (same == entries.end()) {
      entries.push_back(row.entry);
    } else {
      *same = row.entry;
    }
  }
  for (const LedgerFacts::Mark& mark : facts.marks) {
    LineageLedger& ledger = state.lineages[mark.lineage];
    ledger.run = mark.run;
    ledger.watermark = std::max(ledger.watermark, mark.watermark);
    ledger.entries.erase(ledger.entries.begin(), ledger.entries.upper_bound(ledger.watermark));
  }
  for (const Lineage& lineage : facts.closed) state.lineages.erase(lineage);
  state.totals = facts.totals;
}

}  // namespace docmill

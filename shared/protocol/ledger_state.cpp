#include "shared/protocol/ledger_state.h"

#include <algorithm>

namespace docmill {

LedgerMark LedgerState::mark() const {
  return {id, lives.empty() ? Life{} : lives.back(), commits};
}

bool LedgerState::has(std::uint64_t life, std::uint64_t commit) const {
  if (commit == 0) return true;
  // Lives that were forgotten cannot be told from those of another history; they are old.
  if (lives.size() == kMaxLives && commit < lives.front().first) return true;
  const auto found = std::find_if(lives.begin(), lives.end(),
                                  [life](const Life& one) { return one.number == life; });
  if (found == lives.end()) return false;
  const auto next = std::next(found);
  return commit <= (next == lives.end() ? commits : next->first - 1);
}

void begin_life(const Life& life, LedgerState& state) {
  state.lives.push_back(life);
  if (state.lives.size() > kMaxLives) state.lives.erase(state.lives.begin());
}

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
    ledger.documents = mark.documents;
    ledger.entries.erase(ledger.entries.begin(), ledger.entries.upper_bound(ledger.watermark));
  }
  for (const Lineage& lineage : facts.closed) state.lineages.erase(lineage);
  state.totals = facts.totals;
  state.commits = facts.commit;
  if (facts.life) begin_life(*facts.life, state);
}

}  // namespace docmill

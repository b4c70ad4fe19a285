// What a sink must not forget: which shares are settled, and below which sequence everything is.
//
// Committed in one transaction with the lengths of the outputs (shared/store). Values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/protocol/identity.h"
#include "shared/protocol/ledger_mark.h"
#include "shared/protocol/share.h"

namespace docmill {

// A batch as one ledger knows it. The same identity with another hash is a collision and has an
// entry of its own.
struct LedgerEntry {
  std::uint64_t origin_hash = 0;
  std::uint32_t documents = 0;
  Settled settled;
  bool operator==(const LedgerEntry&) const = default;
};

struct LineageLedger {
  using Entries = std::map<Sequence, std::vector<LedgerEntry>>;

  Run run;  // the newest run that was accepted
  Sequence watermark =
      0;  // the highest durable checkpoint seen: everything up to it is settled for ever
  std::uint64_t documents = 0;  // settled here so far, other than void
  Entries entries;              // above the watermark
  bool operator==(const LineageLedger&) const = default;
};

// Input documents by what became of them here, and documents written; over the life of the ledger.
struct LedgerTotals {
  std::uint64_t delivered = 0;
  std::uint64_t filtered = 0;
  std::uint64_t dead = 0;
  std::uint64_t written = 0;
  std::uint64_t suppressed = 0;  // input documents that came again and were dropped
  std::uint64_t collisions = 0;  // batches of a known identity with other content
  bool operator==(const LedgerTotals&) const = default;
};

// Older lives are forgotten; a few dozen bytes each on disk.
inline constexpr std::size_t kMaxLives = 4096;

struct LedgerState {
  std::uint64_t id = 0;       // random, made with the ledger
  std::uint64_t commits = 0;  // so far
  std::vector<Life> lives;    // by first commit
  std::map<Lineage, LineageLedger> lineages;
  LedgerTotals totals;
  bool operator==(const LedgerState&) const = default;

  LedgerMark mark() const;
  // Whether the commit of that life is part of this ledger's history.
  bool has(std::uint64_t life, std::uint64_t commit) const;
};

// Changes that become durable together or not at all. Entries replace those of the same (sequence,
// hash).
struct LedgerFacts {
  struct Row {
    Lineage lineage;
    Sequence sequence = 0;
    LedgerEntry entry;
  };
  struct Mark {
    Lineage lineage;
    Run run;
    Sequence watermark = 0;  // rows up to it are pruned
    std::uint64_t documents = 0;
  };

  std::vector<Row> rows;
  std::vector<Mark> marks;
  std::vector<Lineage> closed;  // a later epoch is known; forgotten after the rest is applied
  LedgerTotals totals;          // the new values
  std::uint64_t commit = 0;     // the number of this commit
  std::optional<Life> life;     // begins with this commit

  bool empty() const { return rows.empty() && marks.empty() && closed.empty(); }
};

void apply(const LedgerFacts& facts, LedgerState& state);
// The newest one; the oldest ones are forgotten.
void begin_life(const Life& life, LedgerState& state);

}  // namespace docmill

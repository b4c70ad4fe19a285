// LedgerMark: how far a sink's ledger had come when the sink acknowledged something, so that a
// ledger which was restored from an older copy is recognized.
//
// A number of commits alone cannot show it: batches that were on their way when the sink was
// restored, and those of other producers, would raise it again. So each start that commits begins a
// life with a random number, and the ledger remembers where each life began. Values.
#pragma once

#include <cstdint>

namespace docmill {

// One start of a sink that committed something. It has the commits from its first one to the one
// before the next life.
struct Life {
  std::uint64_t number = 0;  // random
  std::uint64_t first = 0;   // commit; they are counted over the whole ledger, from 1
  bool operator==(const Life&) const = default;
};

struct LedgerMark {
  std::uint64_t id = 0;      // of the ledger; 0: none is known
  Life life;                 // of the commit
  std::uint64_t commit = 0;  // the last one; 0: none is known
  bool operator==(const LedgerMark&) const = default;
};

// What a producer expects of a sink's ledger; it travels with each batch.
struct ExpectedLedger {
  std::uint64_t id = 0;         // 0: not met yet, any but the forgotten one
  std::uint64_t life = 0;       // the ledger must have this commit of this life
  std::uint64_t commit = 0;     // 0: any
  std::uint64_t forgotten = 0;  // the last ledger of that sink that must not come back; 0: none
  bool operator==(const ExpectedLedger&) const = default;
};

}  // namespace docmill

// Batches of one producer for a LedgerCore, and what a sink without documents does with them.
#pragma once

#include <utility>
#include <vector>

#include "shared/protocol/ledger_core.h"

namespace docmill {

inline const Lineage kLineage = {.producer = "p1", .epoch = 7};

inline BatchHeader header_of(Sequence sequence, Share share = {{0, 4}}) {
  BatchHeader header;
  header.lineage = kLineage;
  header.run = {3, 33};
  header.sequence = sequence;
  header.attempt = 1;
  header.documents = 4;
  header.share = std::move(share);
  header.sinks = {"s1"};
  header.origin_hash = 500 + sequence;
  return header;
}

inline LedgerState ledger_nine() {
  LedgerState state;
  state.id = 9;
  return state;
}

// Judges a batch and settles what is fresh as delivered.
inline Verdict take(LedgerCore& core, const BatchHeader& header) {
  const Judgement judgement = core.judge(header);
  if (judgement.verdict == Verdict::kWrite || judgement.verdict == Verdict::kCollision) {
    std::vector<SettledSpan> outcomes;
    const Outcome outcome =
        judgement.verdict == Verdict::kWrite ? Outcome::kDelivered : Outcome::kDead;
    for (const Span& span : judgement.fresh) outcomes.push_back({span.begin, span.end, outcome});
    core.settle(header, outcomes,
                judgement.verdict == Verdict::kWrite ? count(judgement.fresh) : 0);
  }
  return judgement.verdict;
}

}  // namespace docmill

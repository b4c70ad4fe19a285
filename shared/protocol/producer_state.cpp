#include "shared/protocol/producer_state.h"

#include "shared/base/check.h"

namespace docmill {

const PlanFrom& ProducerState::plan_at(Sequence sequence) const {
  const PlanFrom* found = nullptr;
  for (const PlanFrom& candidate : plans) {
    if (candidate.first <= sequence) found = &candidate;
  }
  DOCMILL_CHECK(found != nullptr, "no plan covers sequence {}", sequence);
  return *found;
}

ExpectedLedger ProducerState::expected_of(const std::string& sink) const {
  ExpectedLedger expected;
  if (const auto known = ledgers.find(sink); known != ledgers.end()) {
    const LedgerMark& mark = known->second.mark;
    expected = {mark.id, mark.life.number, mark.commit, 0};
  }
  for (const ForgottenLedger& one : forgotten) {
    if (one.sink == sink) expected.forgotten = one.id;
  }
  return expected;
}

bool ProducerFacts::empty() const {
  return !reserved && cuts.empty() && plans.empty() && !checkpoint && ledgers.empty();
}

void apply(const ProducerFacts& facts, ProducerState& state) {
  if (facts.reserved) state.reserved = *facts.reserved;
  for (const auto& [sequence, cut] : facts.cuts) state.cuts[sequence] = cut;
  for (const PlanFrom& plan : facts.plans) {
    std::erase_if(state.plans, [&](const PlanFrom& old) { return old.first >= plan.first; });
    state.plans.push_back(plan);
  }
  if (facts.checkpoint) state.checkpoint = *facts.checkpoint;
  for (const auto& [sink, ledger] : facts.ledgers) state.ledgers[sink] = ledger;

  const Sequence settled = state.checkpoint.sequence;
  state.cuts.erase(state.cuts.begin(), state.cuts.upper_bound(settled));
  while (state.plans.size() > 1 && state.plans[1].first <= settled + 1) {
    state.plans.erase(state.plans.begin());
  }
}

}  // namespace docmill

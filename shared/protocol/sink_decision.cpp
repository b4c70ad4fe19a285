#include "shared/protocol/sink_decision.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "shared/protocol/owner.h"

namespace docmill {
namespace {

// Ranges of batches that a line lists; the others are counted.
constexpr std::size_t kListedRanges = 20;
// Batches that are looked at for that.
constexpr Sequence kListedBatches = 1 << 20;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_in_a_plan(const ProducerState& state, const std::string& sink) {
  return std::any_of(state.plans.begin(), state.plans.end(),
                     [&](const PlanFrom& from) { return has(from.plan.sinks, sink); });
}

std::string unknown_sink(const ProducerState& state, const std::string& sink) {
  return fmt::format("{} knows no sink {}; nothing was changed", state.lineage.producer, sink);
}

// The batches in (after, last] that the sink owned, by the oldest plan that is still known: "3,
// 5-7".
std::string owned(const ProducerState& state, const std::string& sink, Sequence after,
                  Sequence last) {
  if (state.plans.empty()) return fmt::format("{}-{}", after + 1, last);
  const Plan& plan = state.plans.front().plan;
  if (last - after > kListedBatches || !has(plan.sinks, sink) || plan.keyed) {
    return fmt::format("{}-{}", after + 1, last);
  }
  std::vector<std::pair<Sequence, Sequence>> ranges;
  for (Sequence sequence = after + 1; sequence <= last; ++sequence) {
    if (owner_of(state.lineage, sequence, plan.sinks) != sink) continue;
    if (!ranges.empty() && ranges.back().second + 1 == sequence) {
      ranges.back().second = sequence;
    } else {
      ranges.push_back({sequence, sequence});
    }
  }
  std::vector<std::string> texts;
  for (const auto& [first, end] : ranges) {
    if (texts.size() == kListedRanges) break;
    texts.push_back(first == end ? fmt::format("{}", first) : fmt::format("{}-{}", first, end));
  }
  const std::string more =
      ranges.size() > texts.size() ? fmt::format(" and others up to {}", ranges.back().second) : "";
  return fmt::format("{}{}", fmt::join(texts, ", "), more);
}

// The documents of this producer that a ledger has settled, up to its checkpoint.
std::uint64_t settled_by(const LedgerState& ledger, const ProducerState& state) {
  const auto known = ledger.lineages.find(state.lineage);
  if (known == ledger.lineages.end()) return 0;
  std::uint64_t documents = known->second.documents;
  const auto& entries = known->second.entries;
  for (auto at = entries.upper_bound(state.checkpoint.sequence); at != entries.end(); ++at) {
    for (const LedgerEntry& entry : at->second) {
      for (const SettledSpan& span : entry.settled.spans()) {
        if (span.outcome != Outcome::kVoid) documents -= span.end - span.begin;
      }
    }
  }
  return documents;
}

}  // namespace

SinkDecision forget_sink(ProducerState& state, const std::string& sink,
                         const std::vector<std::string>& active, std::uint64_t present) {
  const std::string& producer = state.lineage.producer;
  const auto known = state.ledgers.find(sink);
  const bool met = known != state.ledgers.end();
  const bool replaced = has(active, sink);
  if (met && present != 0 && known->second.mark.id == present) {
    return {Decided::kRefused,
            fmt::format("{}: expected that sink {} is lost, found its ledger {:016x} in its state "
                        "folder; start it, or move its state folder and its outputs away first",
                        producer, sink, present)};
  }
  if (!met && (replaced || !is_in_a_plan(state, sink))) {
    const bool knows = replaced || std::any_of(state.forgotten.begin(), state.forgotten.end(),
                                               [&](const auto& one) { return one.sink == sink; });
    if (!knows) return {Decided::kRefused, unknown_sink(state, sink)};
    return {Decided::kNothing, fmt::format("{} has nothing to forget of sink {}", producer, sink)};
  }
  std::string what = "nothing that it had written was acknowledged";
  std::optional<LostDocuments> lost;
  if (met) {
    const KnownLedger& ledger = known->second;
    if (ledger.documents > 0) lost = {sink, ledger.documents};
    what = fmt::format(
        "{} documents that it had acknowledged, in batches up to {}, are in its output alone",
        ledger.documents, state.checkpoint.sequence);
    state.forgotten.push_back({sink, ledger.mark.id});
    state.ledgers.erase(known);
  }
  if (!replaced) {
    for (PlanFrom& from : state.plans) {
      std::erase(from.plan.sinks, sink);
      if (from.plan.sinks.empty()) from.plan.sinks = active;
    }
  }
  return {Decided::kDone,
          fmt::format("{} has forgotten sink {}: {}; the batches from {} on that were its go "
                      "to {}",
                      producer, sink, what, state.checkpoint.sequence + 1,
                      replaced ? fmt::format("a new sink {}", sink) : "the other sinks"),
          lost};
}

SinkDecision accept_sink(ProducerState& state, const std::string& sink,
                         const std::optional<LedgerState>& restored) {
  const std::string& producer = state.lineage.producer;
  const auto known = state.ledgers.find(sink);
  if (known == state.ledgers.end()) return {Decided::kRefused, unknown_sink(state, sink)};
  KnownLedger& ledger = known->second;
  if (restored && restored->id != ledger.mark.id) {
    return {Decided::kRefused,
            fmt::format("{}: expected ledger {:016x} of sink {}, found {:016x}; put a copy of its "
                        "state back, or run 'docmill sink forget FILE {}'",
                        producer, ledger.mark.id, sink, restored->id, sink)};
  }
  const std::uint64_t commit = ledger.mark.commit;
  const bool is_behind =
      commit != 0 && (!restored || !restored->has(ledger.mark.life.number, commit));
  if (!is_behind) {
    return {Decided::kNothing,
            fmt::format("{} has nothing to accept of sink {}: every commit that it "
                        "acknowledged is in its ledger",
                        producer, sink)};
  }
  ledger.mark.life = {};
  ledger.mark.commit = 0;
  if (!restored) {
    return {
        Decided::kDone,
        fmt::format("{} takes sink {} as it is: of the {} documents in batches up to {} that it "
                    "had acknowledged, those that came after the copy was made are in no "
                    "output; its refusal names the last batch that it has",
                    producer, sink, ledger.documents, state.checkpoint.sequence),
        LostDocuments{sink, ledger.documents, false}};
  }
  const std::uint64_t left = settled_by(*restored, state);
  const std::uint64_t lost = ledger.documents - std::min(left, ledger.documents);
  ledger.documents -= lost;
  if (lost == 0) {
    return {Decided::kDone,
            fmt::format("{} takes sink {} as it is: nothing in batches up to {} is lost", producer,
                        sink, state.checkpoint.sequence)};
  }
  const auto lineage = restored->lineages.find(state.lineage);
  const Sequence watermark = lineage == restored->lineages.end() ? 0 : lineage->second.watermark;
  return {Decided::kDone,
          fmt::format("{} takes sink {} as it is: {} documents that it had acknowledged are "
                      "in no output, among those of batches {}",
                      producer, sink, lost,
                      owned(state, sink, std::min(watermark, state.checkpoint.sequence),
                            state.checkpoint.sequence)),
          LostDocuments{sink, lost}};
}

}  // namespace docmill

#include "shared/protocol/ledger_core.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/protocol/owner.h"

namespace docmill {

LedgerCore::LedgerCore(std::string name, LedgerState state, WriteOrder order)
    : name_(std::move(name)), order_(order), state_(std::move(state)) {}

std::uint64_t LedgerCore::newest_epoch(const std::string& producer) const {
  const auto after = state_.lineages.upper_bound({producer, ~std::uint64_t{0}});
  if (after == state_.lineages.begin()) return 0;
  const Lineage& newest = std::prev(after)->first;
  return newest.producer == producer ? newest.epoch : 0;
}

// Whose key a document has is known only to who has processed it: any sink of the list may own it.
bool LedgerCore::may_own(const BatchHeader& header) const {
  if (header.sinks.empty()) return false;
  if (!header.keyed || header.is_voided()) {
    return owner_of(header.lineage, header.sequence, header.sinks) == name_;
  }
  return std::find(header.sinks.begin(), header.sinks.end(), name_) != header.sinks.end();
}

std::uint64_t LedgerCore::ledger_expected(const BatchHeader& header) const {
  for (std::size_t i = 0; i < header.ledgers.size(); ++i) {
    if (header.sinks[i] == name_) return header.ledgers[i];
  }
  return 0;
}

std::optional<Refusal> LedgerCore::refuse(const BatchHeader& header) const {
  const auto refusal = [&](RefusalReason reason, std::string text) {
    return Refusal{name_, header.lineage, header.run, reason, std::move(text)};
  };
  const std::uint64_t expected = ledger_expected(header);
  if (expected != 0 && expected != state_.id) {
    return refusal(
        RefusalReason::kSwappedLedger,
        fmt::format(
            "expected ledger {:016x}, found {:016x}; put this sink's state folder back, or start "
            "the whole pipeline over with --fresh",
            expected, state_.id));
  }
  const std::uint64_t newest = newest_epoch(header.lineage.producer);
  if (header.lineage.epoch < newest) {
    return refusal(RefusalReason::kClosedEpoch,
                   fmt::format("epoch {:016x} of {} is closed: epoch {:016x} was begun later; what "
                               "is still on its way of the old one is dropped; stop the producer "
                               "that has it",
                               header.lineage.epoch, header.lineage.producer, newest));
  }
  const auto known = state_.lineages.find(header.lineage);
  if (known == state_.lineages.end()) return std::nullopt;
  return refuse_run(header, known->second);
}

std::optional<Refusal> LedgerCore::refuse_run(const BatchHeader& header,
                                              const LineageLedger& ledger) const {
  const auto refusal = [&](RefusalReason reason, std::string text) {
    return Refusal{name_, header.lineage, header.run, reason, std::move(text)};
  };
  if (header.run.counter == ledger.run.counter && header.run.nonce != ledger.run.nonce) {
    return refusal(
        RefusalReason::kSecondRun,
        fmt::format("another run {} of {} is known here; its state folder was copied, or an old "
                    "one was put back; stop one of them, and go on with the newest folder",
                    header.run.counter, header.lineage.producer));
  }
  if (header.run.counter < ledger.run.counter) {
    // Of no use to anybody: its acks are heeded no more, and the later run sends again what is not
    // settled. To take it would let older state that was put back settle what it has cut otherwise.
    return refusal(
        RefusalReason::kOldRun,
        fmt::format("run {} of {} is older than run {}, which is known here, and is not taken any "
                    "more; if it is alive, an old state folder was put back; put the newest one "
                    "back, or start the whole pipeline over with --fresh",
                    header.run.counter, header.lineage.producer, ledger.run.counter));
  }
  if (header.run.counter > ledger.run.counter && header.checkpoint < ledger.watermark) {
    return refusal(
        RefusalReason::kRolledBack,
        fmt::format(
            "its state says that batch {} is the last whole one, but {} was; an old state folder "
            "was put back; put the newest one back, or start the whole pipeline over with --fresh",
            header.checkpoint, ledger.watermark));
  }
  return std::nullopt;
}

void LedgerCore::close_epochs_before(const Lineage& lineage) {
  auto at = state_.lineages.lower_bound({lineage.producer, 0});
  while (at != state_.lineages.end() && at->first < lineage) {
    const auto is_of_it = [&](const auto& one) { return one.lineage == at->first; };
    std::erase_if(facts_.rows, is_of_it);
    std::erase_if(facts_.marks, is_of_it);
    std::erase_if(acks_, is_of_it);
    facts_.closed.push_back(at->first);
    at = state_.lineages.erase(at);
  }
}

LineageLedger& LedgerCore::observe(const BatchHeader& header) {
  const auto [known, is_new] = state_.lineages.try_emplace(header.lineage);
  if (is_new) close_epochs_before(header.lineage);
  LineageLedger& ledger = known->second;
  const bool newer_run = header.run.counter > ledger.run.counter;
  const bool higher = header.checkpoint > ledger.watermark;
  if (!newer_run && !higher) return ledger;
  if (newer_run) ledger.run = header.run;
  if (higher) {
    ledger.watermark = header.checkpoint;
    ledger.entries.erase(ledger.entries.begin(), ledger.entries.upper_bound(ledger.watermark));
  }
  std::erase_if(facts_.marks, [&](const auto& mark) { return mark.lineage == header.lineage; });
  facts_.marks.push_back({header.lineage, ledger.run, ledger.watermark});
  return ledger;
}

LedgerEntry* LedgerCore::entry_of(const BatchHeader& header) {
  auto& entries = state_.lineages.at(header.lineage).entries;
  const auto known = entries.find(header.sequence);
  if (known == entries.end()) return nullptr;
  const auto found = std::find_if(
      known->second.begin(), known->second.end(),
      [&](const LedgerEntry& entry) { return entry.origin_hash == header.origin_hash; });
  return found == known->second.end() ? nullptr : &*found;
}

// What is void here becomes a dead letter when it is void everywhere, and for nobody else.
Share LedgerCore::fresh_of(const BatchHeader& header, const LedgerEntry* entry) {
  if (entry == nullptr) return header.share;
  if (!header.is_voided()) return entry->settled.missing(header.share);
  Settled settled = entry->settled;
  settled.forget_void(header.share);
  return settled.missing(header.share);
}

bool LedgerCore::has_turn(const BatchHeader& header, const LineageLedger& ledger,
                          const LedgerEntry* entry) {
  if (header.share.empty()) return true;
  if (header.previous > ledger.watermark) {
    const auto previous = ledger.entries.find(header.previous);
    if (previous == ledger.entries.end()) return false;
    if (std::none_of(previous->second.begin(), previous->second.end(),
                     [](const LedgerEntry& one) { return one.settled.whole(one.documents); })) {
      return false;
    }
  }
  Settled then = entry == nullptr ? Settled() : entry->settled;
  for (const Span& span : header.share) then.add({span.begin, span.end, Outcome::kDelivered});
  return then.covers({{0, header.share.back().end}});
}

Judgement LedgerCore::judge(const BatchHeader& header) {
  if (!may_own(header)) {
    ++misrouted_;
    return {Verdict::kMisrouted, {}, {}};
  }
  if (auto refusal = refuse(header)) return {Verdict::kRefused, {}, std::move(refusal)};
  const LineageLedger& ledger = observe(header);
  if (header.sequence <= ledger.watermark) {
    state_.totals.suppressed += count(header.share);
    acks_.push_back(header);
    return {Verdict::kKnown, {}, {}};
  }
  const LedgerEntry* entry = entry_of(header);
  Share fresh = fresh_of(header, entry);
  const auto known = ledger.entries.find(header.sequence);
  const bool other_content = entry == nullptr && known != ledger.entries.end();
  // A collision stays one when its other shares come later.
  const bool collided = other_content || (entry != nullptr && entry != &known->second.front());
  const bool nothing_left = fresh.empty() && entry != nullptr;
  // A collision becomes dead letters at once: what it collided with had its turn. What is keyed is
  // of a time before the order was asked for.
  if (order_ == WriteOrder::kSource && !header.keyed && !collided && !nothing_left &&
      !has_turn(header, ledger, entry)) {
    return {Verdict::kEarly, {}, {}};
  }
  state_.totals.suppressed += count(header.share) - count(fresh);
  if (nothing_left) {
    acks_.push_back(header);
    return {Verdict::kKnown, {}, {}};
  }
  if (other_content) ++state_.totals.collisions;
  if (header.voids) {
    std::vector<SettledSpan> voided;
    for (const Span& span : fresh) voided.push_back({span.begin, span.end, Outcome::kVoid});
    settle(header, voided, 0);
    return {Verdict::kKnown, {}, {}};
  }
  return {collided ? Verdict::kCollision : Verdict::kWrite, std::move(fresh), {}};
}

void LedgerCore::settle(const BatchHeader& header, const std::vector<SettledSpan>& outcomes,
                        std::uint64_t written) {
  LedgerEntry* entry = entry_of(header);
  if (entry == nullptr) {
    std::vector<LedgerEntry>& entries = state_.lineages[header.lineage].entries[header.sequence];
    entry = &entries.emplace_back(LedgerEntry{header.origin_hash, header.documents, {}});
  }
  if (header.is_voided()) entry->settled.forget_void(header.share);
  OutcomeCounts added{};
  for (const SettledSpan& span : outcomes) {
    const OutcomeCounts counts = entry->settled.add(span);
    for (std::size_t i = 0; i < kOutcomes; ++i) added[i] += counts[i];
  }
  DOCMILL_CHECK(entry->settled.covers(header.share), "batch {} of {} is settled in part",
                header.sequence, header.lineage.producer);
  state_.totals.delivered += added[0];
  state_.totals.filtered += added[1];
  state_.totals.dead += added[2];
  state_.totals.written += written;
  put_row(header, *entry);
  acks_.push_back(header);
}

void LedgerCore::put_row(const BatchHeader& header, const LedgerEntry& entry) {
  std::erase_if(facts_.rows, [&](const LedgerFacts::Row& row) {
    return row.lineage == header.lineage && row.sequence == header.sequence &&
           row.entry.origin_hash == header.origin_hash;
  });
  facts_.rows.push_back({header.lineage, header.sequence, entry});
}

void LedgerCore::reject(const BatchHeader& header, std::span<const std::uint32_t> inputs) {
  state_.totals.written -= inputs.size();
  // It is gone when a later epoch of the producer came in the same group.
  if (!state_.lineages.contains(header.lineage)) return;
  LedgerEntry* entry = entry_of(header);
  if (entry == nullptr) return;
  std::uint32_t dead = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    // Of several documents that were made of one input, the first one has settled it.
    if (i > 0 && inputs[i] == inputs[i - 1]) continue;
    if (entry->settled.bury(inputs[i])) ++dead;
  }
  if (dead == 0) return;
  state_.totals.delivered -= dead;
  state_.totals.dead += dead;
  put_row(header, *entry);
}

const LedgerFacts& LedgerCore::facts() {
  facts_.totals = state_.totals;
  return facts_;
}

void LedgerCore::early(const BatchHeader& header, Early what) {
  // What was held a moment ago may be dropped now: the last word counts.
  std::erase_if(early_, [&](const auto& one) {
    return one.first.sequence == header.sequence && one.first.attempt == header.attempt &&
           one.first.lineage == header.lineage && one.first.share == header.share;
  });
  early_.emplace_back(header, what);
}

std::vector<Ack> LedgerCore::committed() {
  std::vector<Ack> acks;
  const auto ack_of = [&](const BatchHeader& header) -> Ack& {
    const auto known = std::find_if(acks.begin(), acks.end(), [&](const Ack& other) {
      return other.lineage == header.lineage && other.run == header.run;
    });
    if (known != acks.end()) return *known;
    return acks.emplace_back(Ack{name_, state_.id, header.lineage, header.run, {}});
  };
  // First what is dropped, so that what is settled has it sent again.
  for (const auto& [header, what] : early_) {
    ack_of(header).entries.push_back(
        {header.sequence, header.attempt, header.origin_hash, {}, what});
  }
  for (const BatchHeader& header : acks_) {
    std::vector<SettledSpan> settled;
    const LineageLedger& ledger = state_.lineages.at(header.lineage);
    if (header.sequence > ledger.watermark) {
      settled = entry_of(header)->settled.within(header.share);
    } else {
      // Below the watermark the producer knows the outcome and asks no more; any says that it is
      // settled.
      for (const Span& span : header.share)
        settled.push_back({span.begin, span.end, Outcome::kDelivered});
    }
    ack_of(header).entries.push_back(
        {header.sequence, header.attempt, header.origin_hash, std::move(settled), Early::kNo});
  }
  acks_.clear();
  early_.clear();
  facts_ = {};
  return acks;
}

}  // namespace docmill

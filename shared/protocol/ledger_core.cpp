#include "shared/protocol/ledger_core.h"

#include <algorithm>
#include <tuple>

#include "shared/base/check.h"
#include "shared/protocol/owner.h"

namespace docmill {

LedgerCore::LedgerCore(std::string name, LedgerState state, WriteOrder order, std::uint64_t life)
    : name_(std::move(name)), order_(order), state_(std::move(state)), life_(life) {}

// Whose key a document has is known only to who has processed it: any sink of the list may own it.
bool LedgerCore::may_own(const BatchHeader& header) const {
  if (header.sinks.empty()) return false;
  if (!header.keyed || header.is_voided()) {
    return owner_of(header.lineage, header.sequence, header.sinks) == name_;
  }
  return std::find(header.sinks.begin(), header.sinks.end(), name_) != header.sinks.end();
}

// What was noted of them for the next commit is passed over when it comes.
void LedgerCore::close_epochs_before(const Lineage& lineage) {
  auto at = state_.lineages.lower_bound({lineage.producer, 0});
  while (at != state_.lineages.end() && at->first < lineage) {
    keep_for_group(at->first, at->second.entries, at->second.entries.end());
    closed_.push_back(at->first);
    at = state_.lineages.erase(at);
  }
}

void LedgerCore::keep_for_group(const Lineage& lineage, const LineageLedger::Entries& entries,
                                LineageLedger::Entries::const_iterator end) {
  if (changed_rows_.empty()) return;
  for (auto at = entries.begin(); at != end; ++at) {
    for (const LedgerEntry& entry : at->second) {
      const RowKey key{lineage, at->first, entry.origin_hash};
      if (changed_rows_.contains(key)) superfluous_.emplace(key, entry);
    }
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
    const auto end = ledger.entries.upper_bound(ledger.watermark);
    keep_for_group(header.lineage, ledger.entries, end);
    ledger.entries.erase(ledger.entries.begin(), end);
  }
  changed_lineages_.insert(header.lineage);
  return ledger;
}

LedgerEntry* LedgerCore::entry_of(const RowKey& key) {
  const auto lineage = state_.lineages.find(key.lineage);
  if (lineage == state_.lineages.end()) return nullptr;
  const auto known = lineage->second.entries.find(key.sequence);
  if (known == lineage->second.entries.end()) return nullptr;
  const auto found =
      std::find_if(known->second.begin(), known->second.end(),
                   [&](const LedgerEntry& entry) { return entry.origin_hash == key.origin_hash; });
  return found == known->second.end() ? nullptr : &*found;
}

LedgerEntry* LedgerCore::entry_of(const BatchHeader& header) {
  return entry_of({header.lineage, header.sequence, header.origin_hash});
}

// What is void here becomes a dead letter when it is void everywhere, and for nobody else.
Share LedgerCore::fresh_of(const BatchHeader& header, const LedgerEntry* entry) {
  if (entry == nullptr) return header.share;
  if (!header.is_voided()) return entry->settled.missing(header.share);
  Settled settled;
  for (const SettledSpan& span : entry->settled.within(header.share)) {
    if (span.outcome != Outcome::kVoid) settled.add(span);
  }
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
  const Share before = {{0, header.share.back().end}};
  if (entry == nullptr) return covers(header.share, before);
  // The usual case of a batch that goes on document by document: all before this one is settled.
  const std::uint32_t first = header.share.front().begin;
  const std::vector<SettledSpan>& settled = entry->settled.spans();
  if (!settled.empty() && settled.back().end == first && entry->settled.whole(first)) {
    return covers(header.share, {{first, header.share.back().end}});
  }
  return covers(header.share, entry->settled.missing(before));
}

Judgement LedgerCore::judge(const BatchHeader& header) {
  if (!may_own(header)) {
    ++misrouted_;
    return {Verdict::kMisrouted, {}, {}};
  }
  if (auto refusal = refuse(header)) return {Verdict::kRefused, {}, std::move(refusal)};
  const LedgerEntry* const before = entry_of(header);
  if (before != nullptr && before->documents != header.documents) {
    return {Verdict::kMalformed, {}, {}};
  }
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
  const OutcomeCounts added = entry->settled.add(outcomes);
  DOCMILL_CHECK(entry->settled.covers(header.share), "batch {} of {} is settled in part",
                header.sequence, header.lineage.producer);
  state_.totals.delivered += added[0];
  state_.totals.filtered += added[1];
  state_.totals.dead += added[2];
  state_.totals.written += written;
  state_.lineages.at(header.lineage).documents += added[0] + added[1] + added[2];
  changed_lineages_.insert(header.lineage);
  changed_rows_.insert({header.lineage, header.sequence, header.origin_hash});
  acks_.push_back(header);
}

void LedgerCore::reject(const BatchHeader& header, std::span<const std::uint32_t> inputs) {
  state_.totals.written -= inputs.size();
  const RowKey key{header.lineage, header.sequence, header.origin_hash};
  LedgerEntry* entry = entry_of(key);
  if (entry == nullptr) {
    const auto kept = superfluous_.find(key);
    DOCMILL_CHECK(kept != superfluous_.end(), "batch {} of {} is not of this group", key.sequence,
                  key.lineage.producer);
    entry = &kept->second;
  }
  const std::uint32_t dead = entry->settled.bury(inputs);
  state_.totals.delivered -= dead;
  state_.totals.dead += dead;
  changed_rows_.insert(key);
}

const LedgerFacts& LedgerCore::facts() {
  facts_ = {};
  for (const RowKey& key : changed_rows_) {
    // Gone when its epoch was closed, or the watermark has passed it.
    const LedgerEntry* entry = entry_of(key);
    if (entry != nullptr) facts_.rows.push_back({key.lineage, key.sequence, *entry});
  }
  for (const Lineage& lineage : changed_lineages_) {
    const auto known = state_.lineages.find(lineage);
    if (known == state_.lineages.end()) continue;
    const LineageLedger& ledger = known->second;
    facts_.marks.push_back({lineage, ledger.run, ledger.watermark, ledger.documents});
  }
  facts_.closed = closed_;
  facts_.totals = state_.totals;
  facts_.commit = state_.commits;
  if (facts_.empty()) return facts_;
  ++facts_.commit;
  if (!life_began_) facts_.life = Life{life_, facts_.commit};
  return facts_;
}

void LedgerCore::early(const BatchHeader& header, Early what) {
  // The last word counts: a batch that was held a moment ago may be dropped now.
  const std::uint32_t first = header.share.empty() ? 0 : header.share.front().begin;
  early_.insert_or_assign({header.lineage, header.sequence, header.attempt, first},
                          std::pair(header, what));
}

std::vector<Ack> LedgerCore::committed() {
  if (!facts_.empty()) {
    state_.commits = facts_.commit;
    if (facts_.life) begin_life(*facts_.life, state_);
    life_began_ = true;
  }
  std::vector<Ack> acks;
  std::map<std::tuple<Lineage, std::uint32_t, std::uint64_t>, std::size_t> places;
  const auto ack_of = [&](const BatchHeader& header) -> Ack& {
    const auto [place, is_new] =
        places.try_emplace({header.lineage, header.run.counter, header.run.nonce}, acks.size());
    if (is_new) acks.push_back({name_, state_.mark(), header.lineage, header.run, {}});
    return acks[place->second];
  };
  // Dropped batches come first, so that the producer sends them again for what is settled.
  for (const auto& [unused, early] : early_) {
    const auto& [header, what] = early;
    ack_of(header).entries.push_back(
        {header.sequence, header.attempt, header.origin_hash, {}, what});
  }
  for (const BatchHeader& header : acks_) {
    const auto known = state_.lineages.find(header.lineage);
    if (known == state_.lineages.end()) continue;  // a later epoch has closed it
    std::vector<SettledSpan> settled;
    if (header.sequence > known->second.watermark) {
      settled = entry_of(header)->settled.within(header.share);
    } else {
      // The producer knows the outcome and asks no more; any says that it is settled.
      for (const Span& span : header.share)
        settled.push_back({span.begin, span.end, Outcome::kDelivered});
    }
    ack_of(header).entries.push_back(
        {header.sequence, header.attempt, header.origin_hash, std::move(settled), Early::kNo});
  }
  acks_.clear();
  early_.clear();
  changed_rows_.clear();
  superfluous_.clear();
  changed_lineages_.clear();
  closed_.clear();
  facts_ = {};
  return acks;
}

}  // namespace docmill

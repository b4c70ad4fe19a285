#include "sink/group_commit.h"

#include <algorithm>
#include <chrono>

#include "sink/spilling.h"

namespace docmill {
namespace {

constexpr Duration kShortestPause = std::chrono::milliseconds(1);
constexpr Duration kLongestPause = std::chrono::milliseconds(200);

}  // namespace

bool GroupCommit::begin(Time now, bool stopping) {
  if (parts_.core->has_changes()) {
    for (const auto& output : *parts_.outputs) output->on_current_ledger();
    parts_.dead_letters->on_current_ledger();
  }
  bool due = parts_.dead_letters->has_group();
  for (const auto& output : *parts_.outputs) due = output->due(now, stopping) || due;
  if (!due && !parts_.core->has_changes()) return false;
  stage_ = Stage::kDecide;
  handed_over_ = false;
  return true;
}

Result<void> GroupCommit::advance() {
  waits_for_ = nullptr;
  while (active()) {
    if (auto taken = take_stage(); !taken) return taken;
  }
  return {};
}

Result<void> GroupCommit::take_stage() {
  switch (stage_) {
    case Stage::kIdle:
      return {};
    case Stage::kDecide: {
      if (auto decided = decide(); !decided) return decided;
      stage_ = decides_in_transaction() ? Stage::kWrite : Stage::kSync;
      return {};
    }
    case Stage::kSync: {
      hand_over();
      if (auto synced = sync(); !synced) return synced;
      stage_ = Stage::kWrite;
      return {};
    }
    case Stage::kWrite: {
      if (auto written = write(); !written) {
        // What the files wait for, they wait for outside the transaction, which locks a database.
        if (handed_over_) stage_ = Stage::kSync;
        return written;
      }
      // Memory must agree with the ledger before anything else can fail.
      parts_.dead_letters->committed();
      for (const auto& output : *parts_.outputs) {
        if (Spilling* const spills = spilling(output)) spills->committed();
      }
      if (parts_.documents != nullptr) parts_.documents->clear();
      stage_ = Stage::kSettle;
      return {};
    }
    case Stage::kSettle: {
      if (auto settled = settle(); !settled) return settled;
      stage_ = Stage::kIdle;
      return {};
    }
  }
  return {};
}

Result<void> GroupCommit::decide() {
  for (const auto& output : *parts_.outputs) {
    if (output->rejects() != Rejects::kAfterSync) continue;
    auto synced = sync(*output);
    if (synced) continue;
    const bool refused = synced.error().code == ErrorCode::kUnavailable && needs_refused_commit();
    return refused ? commit_refused() : synced;
  }
  if (auto collected = collect(Rejects::kAfterSync); !collected) return collected;
  if (parts_.documents != nullptr) parts_.documents->give(Rejects::kInTransaction);
  return {};
}

bool GroupCommit::needs_refused_commit() const {
  return std::any_of(parts_.outputs->begin(), parts_.outputs->end(), [](const auto& output) {
    const Spilling* const spills = spilling(output);
    return spills != nullptr && spills->needs_commit();
  });
}

// What servers have refused out of spools may be in the way of this group, which can wait for long.
// None of the group's dead letters is written yet. kUnavailable without a text: the outputs can be
// asked again.
Result<void> GroupCommit::commit_refused() {
  if (auto synced = parts_.dead_letters->sync_spilled(); !synced) return synced;
  std::vector<FileMark> marks;
  parts_.dead_letters->marks(marks);
  auto kept = parts_.store->put(marks, [&](Transaction& transaction) {
    for (const auto& output : *parts_.outputs) {
      Spilling* const spills = spilling(output);
      if (spills != nullptr) spills->write_mark(transaction, Spilling::Group::kWithout);
    }
  });
  if (!kept) return kept;
  parts_.dead_letters->committed();
  for (const auto& output : *parts_.outputs) {
    if (Spilling* const spills = spilling(output)) spills->committed();
  }
  for (const auto& output : *parts_.outputs) {
    if (spilling(output) == nullptr) continue;
    if (auto settled = output->settle(); !settled) return settled;
  }
  waits_for_ = nullptr;
  return unavailable("");
}

bool GroupCommit::decides_in_transaction() const {
  return parts_.documents != nullptr && parts_.documents->has(Rejects::kInTransaction);
}

Result<void> GroupCommit::collect(Rejects when) {
  if (parts_.documents == nullptr) return {};
  return parts_.documents->collect(when, {*parts_.core, *parts_.dead_letters, parts_.publisher});
}

void GroupCommit::hand_over() {
  if (handed_over_) return;
  handed_over_ = true;
  if (parts_.documents != nullptr) parts_.documents->give(Rejects::kNever);
}

Result<void> GroupCommit::sync() {
  for (const auto& output : *parts_.outputs) {
    if (output->rejects() != Rejects::kNever) continue;
    if (auto synced = sync(*output); !synced) return synced;
  }
  return parts_.dead_letters->sync();
}

Result<void> GroupCommit::sync(Output& output) {
  auto synced = output.sync();
  if (!synced) waits_for_ = &output;
  return synced;
}

Result<void> GroupCommit::write() {
  Result<void> collected;
  auto committed = parts_.store->commit(
      [&](Transaction& transaction) { return write_in(transaction, collected); });
  return collected ? committed : collected;
}

LedgerStore::Change GroupCommit::write_in(Transaction& transaction, Result<void>& collected) {
  if (decides_in_transaction()) {
    const LedgerFacts& undecided = parts_.core->facts();
    for (const auto& output : *parts_.outputs) output->write(transaction, undecided);
  }
  // Also when the transaction has failed: the outputs will not try these documents again.
  collected = collect(Rejects::kInTransaction);
  if (!collected) transaction.fail(collected.error());
  if (transaction.result()) {
    hand_over();
    if (auto synced = sync(); !synced) transaction.fail(synced.error());
  }
  // Behind the sync: a refused document leaves its spool with its dead letter.
  if (transaction.result()) {
    for (const auto& output : *parts_.outputs) {
      Spilling* const spills = spilling(output);
      if (spills != nullptr) spills->write_mark(transaction, Spilling::Group::kWith);
    }
  }
  LedgerStore::Change change{&parts_.core->facts(), {}};
  for (const auto& output : *parts_.outputs) output->marks(change.marks);
  parts_.dead_letters->marks(change.marks);
  return change;
}

// Each output, also when one before it fails: the sink may be stopped before that one succeeds, and
// what a PUB socket has not sent by then is never sent.
Result<void> GroupCommit::settle() {
  Result<void> first;
  for (const auto& output : *parts_.outputs) {
    auto settled = output->settle();
    if (settled) continue;
    const bool ends = settled.error().code != ErrorCode::kUnavailable;
    const bool is_first = first.ok() || first.error().code == ErrorCode::kUnavailable;
    if (first.ok() || (ends && is_first)) first = std::move(settled);
  }
  if (parts_.publisher == nullptr) return first;
  auto published = parts_.publisher->settle();
  return first.ok() ? published : first;
}

Duration GroupCommit::pause(Duration so_far) const {
  // An output without a descriptor has waited in sync().
  if (waits_for_ == nullptr || waits_for_->fd() < 0) return Duration::zero();
  // No descriptor tells the end of an output's own pauses; that is late by a fraction of them.
  return std::clamp<Duration>(so_far / 8, kShortestPause, kLongestPause);
}

}  // namespace docmill

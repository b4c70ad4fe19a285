// The end of a group: outputs and dead letters durable, the ledger committed, then the acks.
#include <algorithm>
#include <chrono>

#include "sink/sink.h"

namespace docmill {
namespace {

// A commit takes the disk's time and ours; one that follows another at once takes more of both than
// it saves anybody.
constexpr Duration kBetweenCommits = std::chrono::milliseconds(10);
constexpr Duration kGlance = std::chrono::milliseconds(50);
constexpr Duration kRetry = std::chrono::seconds(2);
// For what an output has under way when the sink ends.
constexpr Duration kPatience = std::chrono::seconds(5);

Error stopped() {
  return {ErrorCode::kStopped,
          "stopped while it waited for room; what was not committed is sent again"};
}

}  // namespace

template <typename Action>
Result<void> Sink::until_done(Action action) {
  for (;;) {
    Result<void> done = action();
    if (done) return done;
    if (auto again = wait_and_try_again(done.error()); !again) return again;
  }
}

Result<void> Sink::commit(bool stopping) {
  group_bytes_ = 0;
  bool due = parts_.dead_letters->has_group();
  for (const auto& output : parts_.outputs) {
    due = output->due(daemon_.clock().now(), stopping) || due;
  }
  if (!core_.has_group() && !due) return {};
  if (auto synced = sync_outputs(); !synced) return synced;
  if (!core_.facts().empty() || due) {
    if (auto committed = commit_ledger(); !committed) return committed;
    if (auto settled = settle_outputs(); !settled) return settled;
  }
  committed_ = core_.state().totals;
  const Time now = daemon_.clock().now();
  for (const Ack& ack : core_.committed()) parts_.producers.send(ack, now);
  next_commit_ = now + kBetweenCommits;
  if (parts_.publisher) parts_.publisher->publish();
  return {};
}

Result<void> Sink::commit_ledger() {
  for (;;) {
    const auto committed = until_done([this] {
      const LedgerFacts& facts = core_.facts();
      std::vector<FileMark> marks;
      for (const auto& output : parts_.outputs) output->marks(marks);
      parts_.dead_letters->marks(marks);
      return parts_.store->commit(facts, marks, [&](Transaction& transaction) {
        for (auto& output : parts_.outputs) output->write(transaction, facts);
      });
    });
    if (committed || committed.error().code != ErrorCode::kMalformed) return committed;
    std::size_t buried = 0;
    for (auto& output : parts_.outputs) buried += bury_rejected(*output);
    if (buried == 0) return committed;
    if (auto synced = sync_dead_letters(); !synced) return synced;
  }
}

Result<void> Sink::settle_outputs() {
  parts_.dead_letters->committed();
  if (kept_) kept_->clear();
  for (auto& output : parts_.outputs) {
    if (auto settled = until_done([&] { return output->settle(); }); !settled) return settled;
  }
  return {};
}

Result<void> Sink::sync_outputs() {
  for (auto& output : parts_.outputs) {
    if (auto synced = until_done([&] { return output->sync(); }); !synced) return synced;
    bury_rejected(*output);
  }
  return sync_dead_letters();
}

Result<void> Sink::sync_dead_letters() {
  return until_done([this] { return parts_.dead_letters->sync(); });
}

std::size_t Sink::bury_rejected(Output& output) {
  if (!kept_) return 0;
  const std::vector<Rejected> rejected = output.rejected();
  return rejected.empty() ? 0 : kept_->bury(output, rejected, core_, *parts_.dead_letters);
}

Result<void> Sink::serve_outputs() {
  for (auto& output : parts_.outputs) {
    if (auto served = output->serve(); !served) return served;
  }
  return {};
}

Result<void> Sink::finish_outputs() {
  const auto waits = [](const auto& output) { return output->waits(); };
  const Time end = daemon_.clock().now() + kPatience;
  while (daemon_.stops() < 2 && daemon_.clock().now() < end &&
         std::any_of(parts_.outputs.begin(), parts_.outputs.end(), waits)) {
    poller_.clear();
    poller_.readable(daemon_.signals());
    for (const auto& output : parts_.outputs) {
      if (output->fd() >= 0) poller_.readable(output->fd());
    }
    poller_.wait(kGlance);
    if (auto served = serve_outputs(); !served) return served;
    if (auto committed = commit(); !committed) return committed;
  }
  return {};
}

// A full disk is waited out, and so is what somebody else has to do (a peer that takes nothing, a
// program that holds a lock); nothing is acked meanwhile, so
// the producers stop. Any other error is handed back.
Result<void> Sink::wait_and_try_again(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return error;
  const bool under_way = error.text.empty();
  if (!under_way) daemon_.log().warn("{}; retry in {}", error.text, to_string(kRetry));
  report();
  if (auto served = serve_outputs(); !served) return served;
  if (!under_way) {
    poller_.clear();
    poller_.readable(daemon_.signals());
    poller_.wait(kRetry);
  }
  const int stops = daemon_.stops();
  if (stops == 0) return {};
  const Time now = daemon_.clock().now();
  if (!ending_) ending_ = now;
  if (!under_way || stops > 1 || now - *ending_ > kPatience) return stopped();
  return {};
}

}  // namespace docmill

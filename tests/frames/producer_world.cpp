#include "tests/frames/producer_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "shared/protocol/owner.h"

namespace docmill {
namespace {

const Lineage kLineage = {.producer = "p1", .epoch = 7};
const Run kRun = {.counter = 3, .nonce = 33};
const std::vector<std::string> kSinks = {"s1", "s2"};
constexpr std::uint32_t kBatches = 12;
constexpr std::uint32_t kDocuments = 6;

ProducerState begun() {
  ProducerState state;
  state.lineage = kLineage;
  state.run = kRun;
  Plan plan;
  plan.sinks = kSinks;
  plan.processors = 5;
  plan.definition = "to_json";
  state.plans.push_back({1, plan});
  return state;
}

std::uint64_t ledger_of(const std::string& sink) { return sink == "s1" ? 91 : 92; }

}  // namespace

ProducerWorld::ProducerWorld(FrameMutator& dice) : dice_(dice), core_({}, begun()) {
  for (std::uint32_t i = 0; i < kBatches; ++i) admit();
}

void ProducerWorld::admit() {
  Batch batch;
  batch.sequence = sent_.size() + 1;
  batch.documents = kDocuments;
  batch.payload = std::make_shared<const std::string>(60, 'x');
  batch.origin_hash = 500 + batch.sequence;
  sent_[batch.sequence] = {batch.origin_hash, 0, std::vector<bool>(kDocuments, false)};
  admitted_ += kDocuments;
  core_.admit(std::move(batch), {}, now_);
  perform();
}

void ProducerWorld::perform() {
  for (auto actions = core_.take_actions(); !actions.empty(); actions = core_.take_actions()) {
    for (const ProducerAction& action : actions) {
      if (const auto* commit = std::get_if<Commit>(&action)) {
        core_.on_committed(commit->ticket, now_);
      }
      if (const auto* send = std::get_if<Send>(&action);
          send != nullptr && send->header.kind == MessageKind::kBatch) {
        Sent& sent = sent_.at(send->header.sequence);
        sent.attempts = std::max(sent.attempts, send->header.attempt);
      }
      if (std::holds_alternative<Fatal>(action)) fatal_ = true;
    }
  }
}

Heartbeat ProducerWorld::heartbeat(const std::string& member) {
  Heartbeat heartbeat;
  heartbeat.member = member;
  heartbeat.incarnation = 1;
  heartbeat.address = "tcp://127.0.0.1:20001";
  heartbeat.run = kRun;
  heartbeat.capacity = static_cast<std::uint32_t>(dice_.below(4) + 1);
  heartbeat.queued = static_cast<std::uint32_t>(dice_.below(3));
  const auto some_attempt = [this]() -> Attempt {
    return {dice_.below(kBatches + 2), static_cast<std::uint32_t>(dice_.below(4))};
  };
  while (dice_.one_in(2)) heartbeat.started.push_back(some_attempt());
  while (dice_.one_in(3)) heartbeat.passed.push_back(some_attempt());
  if (dice_.one_in(8)) {
    const Attempt attempt = some_attempt();
    heartbeat.returned.push_back(
        {attempt.sequence, attempt.attempt, static_cast<ReturnReason>(dice_.below(4) + 1)});
  }
  if (dice_.one_in(50)) heartbeat.state = static_cast<MemberState>(dice_.below(3) + 1);
  return heartbeat;
}

Ack::Entry ProducerWorld::some_entry() {
  Ack::Entry entry;
  entry.sequence = dice_.below(sent_.size() + 2);
  const auto sent = sent_.find(entry.sequence);
  if (sent != sent_.end()) {
    entry.attempt = static_cast<std::uint32_t>(dice_.below(sent->second.attempts + 2));
    entry.origin_hash = sent->second.hash + (dice_.one_in(6) ? 1 : 0);
  }
  if (dice_.one_in(10)) {
    entry.early = static_cast<Early>(dice_.below(2) + 1);
    return entry;
  }
  auto begin = static_cast<std::uint32_t>(dice_.below(kDocuments));
  auto end = static_cast<std::uint32_t>(begin + 1 + dice_.below(kDocuments));
  entry.settled.push_back({begin, end, static_cast<Outcome>(dice_.below(kOutcomes))});
  return entry;
}

Ack ProducerWorld::some_ack() {
  Ack ack;
  ack.sink = kSinks[dice_.below(kSinks.size())];
  ack.ledger.id = ledger_of(ack.sink) + (dice_.one_in(20) ? 1 : 0);
  if (dice_.one_in(3)) ack.ledger.life = {1, 1};
  if (dice_.one_in(3)) ack.ledger.commit = dice_.below(4);
  ack.lineage = kLineage;
  if (dice_.one_in(10)) ack.lineage.epoch += dice_.below(3) - 1;
  ack.run = kRun;
  if (dice_.one_in(10)) ack.run.nonce += dice_.below(3) - 1;
  for (std::size_t i = dice_.below(3) + 1; i > 0; --i) ack.entries.push_back(some_entry());
  return ack;
}

std::string ProducerWorld::frame() {
  const std::size_t kind = dice_.below(20);
  std::string frame;
  if (kind == 0) {
    Refusal refusal{"s1", kLineage, kRun, RefusalReason::kOldRun, "expected run 4, found run 3"};
    refusal.run.nonce += dice_.one_in(20) ? 0 : 1;
    frame = encode(ControlRecord(refusal), {});
  } else if (kind < 6) {
    frame = encode(ControlRecord(heartbeat(dice_.one_in(2) ? "m1" : "m2")), {});
  } else {
    frame = encode(ControlRecord(some_ack()), {});
  }
  return dice_.one_in(3) ? frame : sealed_control(dice_.mutate(std::move(frame)));
}

bool ProducerWorld::is_of_this_run(const Lineage& lineage, const Run& run) const {
  return lineage == kLineage && run == kRun;
}

// Whether a ledger that has shown one mark may show another one; a fatal error when it was
// restored.
bool ProducerWorld::goes_on(LedgerMark& known, const LedgerMark& shown) {
  if (known.id != shown.id) return false;
  if (shown.commit == 0) return true;
  const bool later = shown.life.first > known.commit;
  if (known.commit == 0 || known.life == shown.life || later) {
    if (shown.commit > known.commit) known = shown;
    return true;
  }
  if (shown.commit >= known.life.first) fatal_expected_ = true;
  return false;
}

void ProducerWorld::expect(const Ack& ack) {
  entries_ += ack.entries.size();
  if (!is_of_this_run(ack.lineage, ack.run)) return;
  // The first ledger that a sink shows is its ledger.
  if (!goes_on(ledgers_.try_emplace(ack.sink, ack.ledger).first->second, ack.ledger)) return;
  for (const Ack::Entry& entry : ack.entries) {
    const auto found = sent_.find(entry.sequence);
    if (found == sent_.end() || entry.early != Early::kNo) continue;
    Sent& sent = found->second;
    const bool was_sent = entry.attempt >= 1 && entry.attempt <= sent.attempts;
    if (!was_sent || entry.origin_hash != sent.hash) continue;
    if (owner_of(kLineage, entry.sequence, kSinks) != ack.sink) continue;
    const bool beyond = std::any_of(entry.settled.begin(), entry.settled.end(),
                                    [](const SettledSpan& span) { return span.end > kDocuments; });
    if (beyond) continue;
    for (const SettledSpan& span : entry.settled) {
      if (span.outcome == Outcome::kVoid) continue;  // says only that it has not got it
      for (std::uint32_t i = span.begin; i < span.end; ++i) {
        if (!sent.settled[i]) ++settled_;
        sent.settled[i] = true;
      }
    }
  }
}

std::string ProducerWorld::feed(const ControlRecord& record) {
  now_ += std::chrono::milliseconds(5);
  if (const auto* ack = std::get_if<Ack>(&record)) {
    expect(*ack);
    core_.on_ack(*ack, now_);
  } else if (const auto* refusal = std::get_if<Refusal>(&record)) {
    fatal_expected_ = fatal_expected_ || is_of_this_run(refusal->lineage, refusal->run);
    core_.on_refusal(*refusal);
  } else {
    core_.on_heartbeat(std::get<Heartbeat>(record), now_);
  }
  perform();
  core_.on_heartbeat(heartbeat("m1"), now_);
  core_.on_tick(now_);
  perform();
  return difference();
}

std::string ProducerWorld::difference() const {
  const auto differs = [](std::string_view what, std::uint64_t expected, std::uint64_t found) {
    return fmt::format("{}: expected {}, found {}", what, expected, found);
  };
  const std::uint64_t settled = core_.counters().settled.documents();
  if (settled != settled_) return differs("documents settled", settled_, settled);
  if (const std::uint64_t left = core_.in_flight_documents(); left != admitted_ - settled_) {
    return differs("documents in flight", admitted_ - settled_, left);
  }
  Sequence whole = 0;
  for (const auto& [sequence, sent] : sent_) {
    if (std::find(sent.settled.begin(), sent.settled.end(), false) != sent.settled.end()) break;
    whole = sequence;
  }
  const Sequence checkpoint = core_.state().checkpoint.sequence;
  if (checkpoint != whole) return differs("checkpoint", whole, checkpoint);
  const std::uint64_t heard = core_.counters().acks + core_.counters().ignored;
  if (heard != entries_) return differs("entries heeded or ignored", entries_, heard);
  return fatal_ == fatal_expected_ ? "" : differs("refused", fatal_expected_, fatal_);
}

}  // namespace docmill

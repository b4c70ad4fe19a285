#include "tests/simulation/simulated_sink.h"

#include <algorithm>

#include "shared/protocol/payload.h"
#include "tests/simulation/simulated_producer.h"

namespace docmill::simulation {
namespace {

constexpr std::size_t kGroup = 16;

End end_of(const Entry& entry, const BatchHeader& header, bool collision) {
  if (entry.reason.starts_with("producer: the file changed")) return End::kSurplus;
  if (collision) return End::kCollision;
  if (header.condemned) return End::kCondemned;
  if (entry.kind == EntryKind::kFiltered) return End::kFiltered;
  if (entry.kind == EntryKind::kDocument) return End::kDelivered;
  return entry.reason.starts_with("source:") ? End::kUnreadable : End::kMalformed;
}

Outcome outcome_of(End end) {
  if (end == End::kDelivered) return Outcome::kDelivered;
  return end == End::kFiltered ? Outcome::kFiltered : Outcome::kDead;
}

}  // namespace

SimulatedSink::SimulatedSink(Pipeline& pipeline, std::string name)
    : Process(pipeline.world, std::move(name)), pipeline_(pipeline) {
  durable_.id = world_.dice.roll() | 1;
}

void SimulatedSink::on_start() {
  if (!world_.has(Bug::kOutputNotCutBack)) output_.resize(committed_);
  if (world_.has(Bug::kWatermarkLost)) {
    for (auto& [unused, lineage] : durable_.lineages) lineage.watermark = 0;
  }
  if (world_.has(Bug::kVoidForgotten)) {
    for (auto& [unused, lineage] : durable_.lineages) {
      for (auto& [sequence, entries] : lineage.entries) {
        for (LedgerEntry& entry : entries) entry.settled.forget_void({{0, entry.documents}});
      }
    }
  }
  pipeline_.audit.started(name(), durable_);
  core_.emplace(name(), durable_, pipeline_.file.order, world_.dice.roll());
  early_.emplace(pipeline_.file.early);
}

void SimulatedSink::on_kill() {
  for (const auto& [unused, link] : to_producers_) link->sender_died();
  to_producers_.clear();
  if (committing_) {
    ++world_.coverage.kills_during_commit;
    if (world_.dice.chance(50)) {
      ++world_.coverage.commits_applied_by_a_kill;
      apply_commit(!world_.has(Bug::kLedgerBeforeOutput));
    }
  }
  committing_ = false;
  waking_ = false;
  inbox_.clear();
  core_.reset();
  early_.reset();
}

void SimulatedSink::break_links() {
  for (const auto& [unused, link] : to_producers_) link->break_off();
}

ControlLink& SimulatedSink::to_producer(const std::string& name) {
  auto& link = to_producers_[name];
  if (!link) link = pipeline_.link_to_producer(*this, name);
  return *link;
}

bool SimulatedSink::receive(const DocumentMessage& message) {
  if (!running()) return false;
  inbox_.push_back(message);
  if (!waking_ && !committing_) {
    waking_ = true;
    later(world_.dice.time(20us, 2ms), [this] { take_group(); });
  }
  return true;
}

void SimulatedSink::take_group() {
  waking_ = false;
  if (committing_) return;
  for (std::size_t i = 0; i < kGroup && !inbox_.empty(); ++i) {
    const DocumentMessage message = std::move(inbox_.front());
    inbox_.pop_front();
    take(message);
  }
  if (core_->has_group()) commit();
}

void SimulatedSink::take(const DocumentMessage& message) {
  if (accept(message.header, *message.payload)) return take_early(message.header.lineage.producer);
  ++world_.coverage.early;
  world_.trace("{} has batch {} [{},{}) of {} early", name(), message.header.sequence,
               message.header.share.front().begin, message.header.share.back().end,
               message.header.lineage.producer);
  const std::uint64_t dropped = early_->dropped();
  core_->early(message.header, Early::kHeld);
  for (const BatchHeader& out : early_->hold(message.header, *message.payload)) {
    core_->early(out, Early::kDropped);
  }
  world_.coverage.early_dropped += early_->dropped() - dropped;
  if (world_.has(Bug::kEarlyAcked)) ack_at_once(message.header, Outcome::kDelivered);
  if (early_->batches() > pipeline_.file.early.batches ||
      early_->bytes() > pipeline_.file.early.bytes.count) {
    world_.fail(fmt::format("{} holds {} early batches of {} bytes", name(), early_->batches(),
                            early_->bytes()));
  }
}

void SimulatedSink::take_early(const std::string& producer) {
  for (const EarlyBatch* next = early_->first(producer);
       next != nullptr && accept(next->header, next->payload); next = early_->first(producer)) {
    early_->remove_first(producer);
  }
}

// A planted bug: what the ledger does not know is acked.
void SimulatedSink::ack_at_once(const BatchHeader& header, Outcome outcome) {
  Ack ack{name(), durable_.mark(), header.lineage, header.run, {}};
  std::vector<SettledSpan> settled;
  for (const Span& span : header.share) {
    settled.push_back({span.begin, span.end, outcome});
  }
  ack.entries.push_back({header.sequence, header.attempt, header.origin_hash, std::move(settled)});
  send_acks({std::move(ack)});
}

void SimulatedSink::refuse(const BatchHeader& header, const Refusal& refusal,
                           const std::string& payload) {
  const bool closed = refusal.reason == RefusalReason::kClosedEpoch;
  if (closed) ++world_.coverage.closed;
  if (refusal.reason == RefusalReason::kOldRun) ++world_.coverage.old_runs;
  to_producer(header.lineage.producer).send(refusal);
  std::uint64_t written = 0;
  if (closed && world_.has(Bug::kClosedEpochTaken)) {
    write(header, header.share, false, payload, written);
  }
}

// The documents of the share that are void here.
Share SimulatedSink::voided(const BatchHeader& header) const {
  Share share;
  const auto lineage = core_->state().lineages.find(header.lineage);
  if (lineage == core_->state().lineages.end()) return share;
  const auto batch = lineage->second.entries.find(header.sequence);
  if (batch == lineage->second.entries.end()) return share;
  for (const LedgerEntry& entry : batch->second) {
    if (entry.origin_hash != header.origin_hash) continue;
    for (const SettledSpan& span : entry.settled.within(header.share)) {
      if (span.outcome == Outcome::kVoid) share.push_back({span.begin, span.end});
    }
  }
  return share;
}

bool SimulatedSink::accept(const BatchHeader& sent, const std::string& payload) {
  BatchHeader header = sent;
  if (world_.has(Bug::kTurnIgnored)) header.previous = 0;
  const SimulatedProducer& producer = pipeline_.producer(header.lineage.producer);
  if (header.run != producer.run()) ++world_.coverage.zombie_batches;
  if (world_.has(Bug::kShareIgnored)) header.share = {{0, header.documents}};
  if (world_.has(Bug::kHashIgnored)) {
    true_hashes_[{header.lineage, header.sequence}] = header.origin_hash;
    header.origin_hash = 1;
  }
  if (header.voids && world_.has(Bug::kVoidNotRecorded)) {
    ack_at_once(header, Outcome::kVoid);
    return true;
  }
  const Judgement judgement = core_->judge(header);
  if (judgement.verdict == Verdict::kEarly) return false;
  if (judgement.verdict == Verdict::kRefused) {
    refuse(header, *judgement.refusal, payload);
    return true;
  }
  if (judgement.verdict == Verdict::kMisrouted) {
    world_.fail(fmt::format("{} was sent batch {} of {}", name(), header.sequence,
                            header.lineage.producer));
    return true;
  }
  if (judgement.verdict == Verdict::kMalformed) {
    world_.fail(fmt::format("{} was sent batch {} of {} with {} documents, and before with others",
                            name(), header.sequence, header.lineage.producer, header.documents));
    return true;
  }
  const LineageLedger& ledger = core_->state().lineages.at(header.lineage);
  if (ledger.entries.size() > producer.most_remembered()) {
    world_.fail(fmt::format("{} remembers {} batches of {}", name(), ledger.entries.size(),
                            producer.name()));
  }
  if (judgement.verdict != Verdict::kKnown || world_.has(Bug::kRepeatWrittenAgain)) {
    BatchHeader written_as = header;
    written_as.origin_hash = sent.origin_hash;
    std::uint64_t written = 0;
    const bool again = judgement.verdict == Verdict::kKnown;
    const auto outcomes = write(written_as, again ? header.share : judgement.fresh,
                                judgement.verdict == Verdict::kCollision, payload, written);
    if (!again) core_->settle(header, outcomes, written);
  }
  const Share void_here = voided(header);
  if (header.voids) {
    ++(void_here.empty() ? world_.coverage.not_voided : world_.coverage.voided);
    if (!world_.calm && world_.dice.chance(50)) {
      later(world_.dice.time(1ms, 900ms), [this] { kill(world_.dice.time(20ms, 1s)); });
    }
  } else if (!void_here.empty()) {
    ++world_.coverage.late_for_void;
    if (world_.has(Bug::kVoidIgnored)) {
      std::uint64_t written = 0;
      write(header, void_here, false, payload, written);
    }
  }
  if (header.sequence <= ledger.watermark) ++world_.coverage.below_watermark;
  if (judgement.verdict == Verdict::kKnown) ++world_.coverage.duplicates_suppressed;
  return true;
}

std::vector<SettledSpan> SimulatedSink::write(const BatchHeader& header, const Share& fresh,
                                              bool collision, const std::string& payload,
                                              std::uint64_t& written) {
  const std::size_t producer = number_of(header.lineage.producer);
  std::vector<SettledSpan> outcomes;
  std::vector<std::size_t> outputs(header.documents);
  PayloadReader reader(payload);
  Entry entry;
  for (auto more = reader.next(entry); more.ok() && *more; more = reader.next(entry)) {
    if (!contains(fresh, entry.index)) continue;
    const std::size_t output = outputs[entry.index]++;
    if (collision && output > 0) continue;
    const End end = end_of(entry, header, collision);
    std::string bytes(entry.document.bytes);
    if (header.processed && entry.kind == EntryKind::kDocument) bytes.erase(0, 1);
    if (entry.kind == EntryKind::kFiltered && collision) {
      bytes = pipeline_.audit.bytes_of(producer, header.sequence, header.origin_hash, entry.index);
    }
    output_.push_back({producer, header.lineage.epoch, header.sequence, header.origin_hash,
                       entry.index, end, output, bytes});
    outcomes.push_back({entry.index, entry.index + 1, outcome_of(end)});
    if (end == End::kDelivered) ++written;
  }
  if (world_.has(Bug::kShareIgnored)) outcomes.push_back({0, header.documents, Outcome::kFiltered});
  return outcomes;
}

void SimulatedSink::commit() {
  committing_ = true;
  facts_ = core_->facts();
  facts_length_ = output_.size();
  if (world_.has(Bug::kAckBeforeCommit)) send_acks(core_->committed());
  const Duration takes =
      world_.dice.chance(2) ? world_.dice.time(50ms, 900ms) : world_.dice.time(200us, 8ms);
  later(takes, [this] {
    apply_commit(true);
    committing_ = false;
    if (!world_.has(Bug::kAckBeforeCommit)) send_acks(core_->committed());
    take_group();
  });
}

void SimulatedSink::apply_commit(bool with_output) {
  apply(facts_, durable_);
  if (!with_output) return;
  for (; committed_ < facts_length_; ++committed_)
    pipeline_.audit.committed(name(), pipeline_.file.order, output_[committed_]);
}

void SimulatedSink::send_acks(std::vector<Ack> acks) {
  for (Ack& ack : acks) {
    if (world_.has(Bug::kHashIgnored)) {
      for (Ack::Entry& entry : ack.entries)
        entry.origin_hash = true_hashes_[{ack.lineage, entry.sequence}];
    }
    pipeline_.audit.acked(ack);
    const std::string producer = ack.lineage.producer;
    to_producer(producer).send(std::move(ack));
  }
}

void SimulatedSink::check_balance() {
  output_.resize(committed_);
  pipeline_.audit.ledger(name(), durable_.totals, output_);
}

}  // namespace docmill::simulation

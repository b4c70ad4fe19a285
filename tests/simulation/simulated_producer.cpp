#include "tests/simulation/simulated_producer.h"

#include <algorithm>

#include "tests/simulation/simulated_member.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {

SimulatedProducer::SimulatedProducer(Pipeline& pipeline, Input& input)
    : Process(pipeline.world, fmt::format("p{}", input.producer)),
      pipeline_(pipeline),
      input_(input) {
  durable_.lineage = {name(), (world_.dice.roll() >> 1) | 1};
  pipeline.audit.begin_epoch(input.producer, durable_.lineage.epoch);
}

Plan SimulatedProducer::wanted() const {
  Plan plan;
  plan.limits = config.limits;
  plan.sinks = pipeline_.file.sinks;
  plan.keyed = pipeline_.file.keyed;
  plan.processors = pipeline_.file.processors;
  plan.definition = processors_text(plan.processors);
  return plan;
}

std::uint64_t SimulatedProducer::most_remembered() const {
  return 5 * config.settings.window.batches + 8;
}

std::string SimulatedProducer::standing() const {
  if (!core_) return fmt::format("{} does not run", name());
  return fmt::format("{} at {}, checkpoint {}, {} in flight, {} ready members", name(),
                     source_->position(), core_->state().checkpoint.sequence, core_->in_flight(),
                     core_->ready_members());
}

void SimulatedProducer::on_start() {
  // A start is a new run, durable before anything is done with it.
  ++durable_.run.counter;
  durable_.run.nonce = world_.dice.roll();
  ProducerState state = durable_;
  if (world_.has(Bug::kSinkListChangedInsideBlock) && !state.plans.empty()) {
    for (PlanFrom& from : state.plans) from.plan.sinks = wanted().sinks;
  }
  if (world_.has(Bug::kKeyedChangedInsideBlock)) {
    for (PlanFrom& from : state.plans) from.plan.keyed = wanted().keyed;
  }
  cutter_.emplace(state, wanted());
  source_.emplace(world_, input_, state.checkpoint.position);
  core_.emplace(config.settings, std::move(state));
  stopping_ = false;
  doom_.reset();
  timeouts_ = 0;
  tick();
}

void SimulatedProducer::on_kill() {
  for (const auto& link : links_) {
    if (const auto alive = link.lock()) alive->sender_died();
  }
  if (!commits_.empty()) {
    ++world_.coverage.kills_during_commit;
    if (world_.dice.chance(50)) {
      ++world_.coverage.commits_applied_by_a_kill;
      apply(commits_.front().facts, durable_);
      pipeline_.audit.checkpoint(input_.producer, durable_.checkpoint);
    }
  }
  forget();
}

void SimulatedProducer::forget() {
  commits_.clear();
  inbox_.clear();
  waking_ = false;
  peers_.clear();
  links_.clear();
  heard_.clear();
  silent_.clear();
  taken_for_dead_.clear();
  sent_to_.clear();
}

void SimulatedProducer::stop() {
  if (!running() || stopping_) return;
  world_.trace("{} is told to stop", name());
  ++world_.coverage.orderly_restarts;
  stopping_ = true;
  core_->finish(world_.now());
  act();
}

void SimulatedProducer::throw_state_away() {
  if (running() || done_) return;
  const std::uint64_t epoch = durable_.lineage.epoch + world_.dice.between(1, 1000);
  world_.trace("the state of {} is thrown away", name());
  ++world_.coverage.epochs;
  durable_ = {};
  durable_.lineage = {name(), epoch};
  input_.catalogue.clear();
  pipeline_.audit.begin_epoch(input_.producer, epoch);
}

void SimulatedProducer::break_links() {
  for (auto& [unused, peer] : peers_) {
    if (peer.link) peer.link->break_off();
  }
}

void SimulatedProducer::kill_within(Duration outage) {
  if (running()) doom_ = outage;
}

bool SimulatedProducer::receive(const ControlRecord& record) {
  if (!running()) return false;
  inbox_.push_back(record);
  if (!waking_) {
    waking_ = true;
    later(world_.dice.time(10us, 1ms), [this] { pump(); });
  }
  return true;
}

void SimulatedProducer::pump() {
  waking_ = false;
  const std::uint64_t life_now = life();
  while (!inbox_.empty() && life() == life_now) {
    const ControlRecord record = std::move(inbox_.front());
    inbox_.pop_front();
    hand_in(record);
    act();
  }
  if (life() == life_now) read();
}

void SimulatedProducer::hand_in(const ControlRecord& record) {
  if (const auto* ack = std::get_if<Ack>(&record)) {
    if (ack->run != durable_.run) ++world_.coverage.zombie_acks;
    hand_in_ack(*ack);
  } else if (const auto* refusal = std::get_if<Refusal>(&record)) {
    core_->on_refusal(*refusal);
  } else {
    const auto& heartbeat = std::get<Heartbeat>(record);
    speaking_ = heartbeat.incarnation;
    heard_[speaking_] = world_.now();
    core_->on_heartbeat(heartbeat, world_.now());
  }
}

// With the planted bugs, what a sink says of a void is taken for more than it is.
void SimulatedProducer::hand_in_ack(Ack ack) {
  const auto spans = [&ack](const auto& each) {
    for (Ack::Entry& entry : ack.entries) {
      for (SettledSpan& span : entry.settled) each(span);
    }
  };
  bool voids = false;
  spans([&](SettledSpan& span) {
    voids = voids || span.outcome == Outcome::kVoid;
    const bool changed = span.outcome == Outcome::kVoid && world_.has(Bug::kVoidTakenForDead);
    if (changed) span.outcome = Outcome::kDead;
  });
  core_->on_ack(ack, world_.now());
  // Between the first void of a document and the last one is the time to die.
  if (voids && !world_.calm && world_.dice.chance(60)) {
    later(world_.dice.time(1us, 2ms), [this] { kill(world_.dice.time(1us, 5ms)); });
  }
  if (!voids || !world_.has(Bug::kDeadBeforeVoidEverywhere)) return;
  for (Ack::Entry& entry : ack.entries) {
    std::erase_if(entry.settled,
                  [](const SettledSpan& span) { return span.outcome != Outcome::kVoid; });
  }
  for (const std::string& sink : pipeline_.file.sinks) {
    ack.sink = sink;
    ack.ledger = {pipeline_.sink(sink).ledger(), {}, 0};
    core_->on_ack(ack, world_.now());
  }
}

void SimulatedProducer::tick() {
  pump();
  if (!running()) return;
  watch_silence();
  core_->on_tick(world_.now());
  if (world_.has(Bug::kTimeoutCountedAsDeath) && core_->counters().timeouts > timeouts_) {
    timeouts_ = core_->counters().timeouts;
    for (int i = 1; i <= 9; ++i) core_->on_tick(world_.now() + i * 500ms);
  }
  act();
  if (!running()) return;
  read();
  if (!running()) return;
  if (core_->in_flight() > config.settings.window.batches ||
      core_->in_flight_bytes() > config.settings.window.bytes.count + 8192) {
    world_.fail(fmt::format("{} has {} batches of {} bytes in flight", name(), core_->in_flight(),
                            core_->in_flight_bytes()));
  }
  later(50ms, [this] { tick(); });
}

void SimulatedProducer::note_receiver(const BatchHeader& header, std::uint64_t incarnation) {
  if (header.run == durable_.run) sent_to_[header.sequence].insert(incarnation);
}

void SimulatedProducer::watch_silence() {
  for (const auto& [incarnation, time] : heard_) {
    if (world_.now() - time > config.settings.dead_after) silent_.insert(incarnation);
  }
}

// The most that could be counted against a batch: silences of members that it reached.
std::size_t SimulatedProducer::deaths_with(Sequence sequence) {
  watch_silence();
  std::size_t deaths = 0;
  for (const std::uint64_t incarnation : sent_to_[sequence]) {
    const auto found = taken_for_dead_.find(incarnation);
    const std::size_t least = silent_.contains(incarnation) ? 1 : 0;
    deaths += std::max(least, found == taken_for_dead_.end() ? 0 : found->second);
  }
  return deaths;
}

void SimulatedProducer::read() {
  if (stopping_) return;
  const std::uint64_t life_now = life();
  for (int i = 0; i < 40 && life() == life_now && !stopping_ && core_->wants_batch(); ++i) {
    if (!read_one()) return;
  }
}

// One thing of the source; false when there is nothing more for now.
bool SimulatedProducer::read_one() {
  const SimulatedSource::State state = source_->peek();
  switch (state) {
    case SimulatedSource::State::kDocument:
    case SimulatedSource::State::kDead: {
      const DocumentView document = source_->document();
      if (!cutter_->accepts(document, source_->size())) {
        ++world_.coverage.byte_cuts;
        admit(cutter_->close(source_->position()));
        return true;
      }
      if (state == SimulatedSource::State::kDead) {
        cutter_->add_dead(document, "source: not readable", source_->size());
      } else {
        cutter_->add(document, source_->size());
      }
      source_->take();
      if (!cutter_->full()) return true;
      ++world_.coverage.document_cuts;
      admit(cutter_->close(source_->position()));
      return true;
    }
    case SimulatedSource::State::kBoundary: {
      const std::string end = source_->position();
      source_->take();
      auto batches = cutter_->boundary(end, source_->position());
      if (batches.size() > 1) ++world_.coverage.boundary_padding;
      const std::uint64_t life_now = life();
      for (Batch& batch : batches) {
        if (life() == life_now) admit(std::move(batch));
      }
      return true;
    }
    case SimulatedSource::State::kCaughtUp:
      source_->take();
      if (cutter_->caught_up()) admit(cutter_->close_early(source_->position()));
      return true;
    case SimulatedSource::State::kIdle:
      if (cutter_->closes_when_idle()) {
        ++world_.coverage.early_cuts;
        admit(cutter_->close_early(source_->position()));
      }
      return false;
    case SimulatedSource::State::kEnded:
      if (!cutter_->empty()) admit(cutter_->close_early(source_->position()));
      if (running()) core_->finish(world_.now());
      act();
      return false;
  }
  return false;
}

void SimulatedProducer::admit(Batch batch) {
  pipeline_.audit.cut(input_.producer, batch);
  ProducerFacts facts = cutter_->take_facts();
  if (!facts.plans.empty() && batch.sequence > 1) ++world_.coverage.plan_changes;
  world_.trace("{} cuts batch {}: {} documents", name(), batch.sequence, batch.documents);
  core_->admit(std::move(batch), std::move(facts), world_.now());
  act();
}

}  // namespace docmill::simulation

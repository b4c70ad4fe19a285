// The part of SimulatedProducer that does what the core asks for.
#include <algorithm>

#include "shared/protocol/owner.h"
#include "tests/simulation/simulated_member.h"
#include "tests/simulation/simulated_producer.h"
#include "tests/simulation/simulated_sink.h"

namespace docmill::simulation {

void SimulatedProducer::act() {
  const std::uint64_t life_now = life();
  while (life() == life_now) {
    std::vector<ProducerAction> actions = core_->take_actions();
    if (actions.empty()) return;
    for (ProducerAction& action : actions) {
      if (life() != life_now) return;
      std::visit([this](auto& one) { perform(one); }, action);
      if (doom_ && life() == life_now && world_.dice.chance(30)) return kill(*doom_);
    }
  }
}

void SimulatedProducer::perform(Connect& connect) {
  Peer& peer = peers_[connect.member];
  peer.name = connect.address;
  peer.incarnation = speaking_;
  peer.link = pipeline_.link_to_member(*this, connect.address);
  links_.push_back(peer.link);
}

void SimulatedProducer::perform(Send& send) {
  const auto found = peers_.find(send.member);
  if (found == peers_.end() || !found->second.link) {
    return world_.fail(fmt::format("{} sends to a member that it has left", name()));
  }
  const Peer& peer = found->second;
  if (send.header.kind == MessageKind::kBatch) {
    if (world_.has(Bug::kWatermarkAheadOfDisk)) {
      send.header.checkpoint = core_->state().checkpoint.sequence;
    }
    if (world_.has(Bug::kPreviousForgotten) && send.header.attempt > 1) send.header.previous = 0;
    note_send(send.header, peer);
    if (world_.has(Bug::kDeadLetterSettledByProducer) && send.header.condemned) {
      return settle_as_dead(send.header);
    }
  }
  if (send.header.kind == MessageKind::kDefinition) ++world_.coverage.definitions;
  if (send.header.kind == MessageKind::kEnd && world_.has(Bug::kEndBeforeLastBatch)) {
    peer.link->send_first({send.header, send.payload});
  } else {
    peer.link->send({send.header, send.payload});
  }
}

void SimulatedProducer::note_send(const BatchHeader& header, const Peer& peer) {
  world_.trace("{} sends batch {} [{},{}) attempt {} to {}{}", name(), header.sequence,
               header.share.front().begin, header.share.back().end, header.attempt, peer.name,
               header.voids       ? ", to be voided"
               : header.condemned ? ", condemned"
                                  : "");
  pipeline_.audit.sent(input_.producer, header, durable_);
  if (header.attempt > 1) ++world_.coverage.redeliveries;
  if (count(header.share) == 1 && header.documents > 1 && !header.condemned) {
    ++world_.coverage.split_pieces;
  }
  if (header.condemned) {
    ++world_.coverage.condemned;
    pipeline_.audit.condemned(input_.producer, header, deaths_with(header.sequence),
                              config.settings.max_deaths + 1);
  }
  sent_to_[header.sequence].insert(peer.incarnation);
}

// A planted bug: the producer settles a dead letter by itself.
void SimulatedProducer::settle_as_dead(const BatchHeader& header) {
  Ack ack;
  ack.sink = owner_of(header.lineage, header.sequence, header.sinks);
  ack.ledger = {pipeline_.sink(ack.sink).ledger(), {}, 0};
  ack.lineage = header.lineage;
  ack.run = header.run;
  const Span& span = header.share.front();
  ack.entries.push_back({header.sequence,
                         header.attempt,
                         header.origin_hash,
                         {{span.begin, span.end, Outcome::kDead}}});
  core_->on_ack(ack, world_.now());
}

void SimulatedProducer::perform(Disconnect& disconnect) {
  const auto found = peers_.find(disconnect.member);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  if (!disconnect.deliver) {
    watch_silence();
    if (!silent_.contains(peer.incarnation)) {
      world_.fail(fmt::format("{} takes {} for dead, which is not silent", name(), peer.name));
    }
    ++taken_for_dead_[peer.incarnation];
    peer.link->break_off();
  }
  peer.link.reset();
}

void SimulatedProducer::perform(Commit& commit) {
  if (world_.has(Bug::kEarlyCutNotRecorded)) {
    std::erase_if(commit.facts.cuts, [](const auto& cut) { return !cut.second.boundary; });
  }
  if (world_.has(Bug::kReservationNotRecorded)) commit.facts.reserved.reset();
  if (world_.has(Bug::kCheckpointAhead) && commit.facts.checkpoint) {
    commit.facts.checkpoint->sequence += core_->in_flight();
    commit.facts.checkpoint->position = source_->position();
  }
  commits_.push_back({commit.ticket, std::move(commit.facts)});
  const Duration takes =
      world_.dice.chance(2) ? world_.dice.time(50ms, 900ms) : world_.dice.time(200us, 5ms);
  later(takes, [this] { committed(); });
  if (world_.has(Bug::kSentBeforeFactsAreDurable)) {
    core_->on_committed(commit.ticket, world_.now());
  }
}

void SimulatedProducer::committed() {
  const PendingCommit commit = std::move(commits_.front());
  commits_.pop_front();
  apply(commit.facts, durable_);
  pipeline_.audit.checkpoint(input_.producer, durable_.checkpoint);
  sent_to_.erase(sent_to_.begin(), sent_to_.upper_bound(durable_.checkpoint.sequence));
  if (world_.has(Bug::kSentBeforeFactsAreDurable)) return;
  core_->on_committed(commit.ticket, world_.now());
  act();
  if (running()) read();
}

void SimulatedProducer::perform(Say& said) {
  world_.trace("{}: {}", name(), said.text);
  if (said.text.ends_with(" is back")) ++world_.coverage.returns_from_death;
}

void SimulatedProducer::perform(Fatal& fatal) {
  world_.fail(fmt::format("{} ends: {}", name(), fatal.error.text));
}

void SimulatedProducer::perform(Finished&) {
  world_.trace("{} has finished", name());
  done_ = !stopping_;
  // Orderly: what was sent is delivered.
  end();
  forget();
  if (!done_) start_after(world_.dice.time(10ms, 1s));
}

}  // namespace docmill::simulation

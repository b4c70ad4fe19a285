// A ProducerCore with small verbs, whose actions are read as lines: "send 3/1 to m1".
#pragma once

#include <fmt/format.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/protocol/owner.h"
#include "shared/protocol/producer_core.h"

namespace docmill {

class ProducerFixture {
 public:
  explicit ProducerFixture(ProducerSettings settings = {}, ProducerState state = {})
      : core(impatient(settings), with_defaults(std::move(state))) {
    core.on_tick(now);
  }

  // Idle members are given no more time than others.
  static ProducerSettings impatient(ProducerSettings settings) {
    settings.dead_after_sending = settings.dead_after;
    settings.dead_after_idle = settings.dead_after;
    return settings;
  }

  static ProducerState with_defaults(ProducerState state) {
    state.lineage = {"p1", 7};
    if (state.run.counter == 0) state.run = {1, 11};
    if (state.plans.empty()) {
      Plan plan;
      plan.sinks = {"s1"};
      plan.processors = 5;
      plan.definition = "to_json";
      state.plans.push_back({1, plan});
    }
    return state;
  }

  void pass(Duration duration) { now += duration; }
  Sequence admit(std::uint32_t documents, ProducerFacts facts = {}) {
    Batch batch;
    batch.sequence = ++last;
    batch.documents = documents;
    batch.payload =
        std::make_shared<const std::string>(std::string(std::size_t{10} * documents, 'x'));
    batch.origin_hash = 100 + batch.sequence;
    batch.position = fmt::format("after {}", batch.sequence);
    core.admit(std::move(batch), std::move(facts), now);
    return last;
  }
  // Admits batches of ten documents, and lets what they need become durable.
  void admit_durably(int batches) {
    for (int i = 0; i < batches; ++i) admit(10);
    commit_all();
  }

  Heartbeat heartbeat(const std::string& name) const {
    Heartbeat heartbeat;
    heartbeat.member = name;
    heartbeat.incarnation = 1;
    heartbeat.address = "tcp://" + name;
    heartbeat.run = core.state().run;
    return heartbeat;
  }
  void hear(const std::string& name) { core.on_heartbeat(heartbeat(name), now); }
  void hear_started(const std::string& name, Sequence sequence, std::uint32_t attempt) {
    Heartbeat news = heartbeat(name);
    news.started = {{sequence, attempt}};
    core.on_heartbeat(news, now);
  }
  void hear_passed(const std::string& name, Sequence sequence, std::uint32_t attempt = 1) {
    Heartbeat news = heartbeat(name);
    news.passed = {{sequence, attempt}};
    core.on_heartbeat(news, now);
  }
  void hear_queued(const std::string& name, std::uint32_t queued) {
    Heartbeat news = heartbeat(name);
    news.queued = queued;
    core.on_heartbeat(news, now);
  }
  void hear_state(const std::string& name, MemberState state) {
    Heartbeat news = heartbeat(name);
    news.state = state;
    core.on_heartbeat(news, now);
  }
  void hear_returned(const std::string& name, Sequence sequence, std::uint32_t attempt,
                     ReturnReason reason) {
    Heartbeat news = heartbeat(name);
    news.returned.push_back({sequence, attempt, reason});
    core.on_heartbeat(news, now);
  }
  // Two seconds in which only these members are heard.
  void hear_only(const std::vector<std::string>& names) {
    for (int i = 0; i < 4; ++i) {
      pass(std::chrono::milliseconds(500));
      for (const std::string& name : names) hear(name);
      core.on_tick(now);
    }
  }
  // Batch 1: m1 has died over it, and m2 has started it and is about to.
  void admit_for_two_deaths(std::uint32_t documents) {
    hear("m1");
    admit(documents);
    commit_all();
    hear_started("m1", 1, 1);
    hear_only({"m2"});
    hear_started("m2", 1, 2);
  }
  void tick(Duration duration) {
    pass(duration);
    core.on_tick(now);
  }

  Ack ack_of(Sequence sequence, std::uint32_t attempt, std::uint32_t begin,
             std::uint32_t end) const {
    Ack ack{"s1", {9, {}, 0}, core.state().lineage, core.state().run, {}};
    ack.entries.push_back({sequence, attempt, 100 + sequence, {{begin, end, Outcome::kDelivered}}});
    return ack;
  }
  void ack(Sequence sequence, std::uint32_t attempt = 1, std::uint32_t begin = 0,
           std::uint32_t end = 10) {
    core.on_ack(ack_of(sequence, attempt, begin, end), now);
  }

  // Lets the disk finish what was given to it, and what follows from that; keeps other actions.
  void commit_all() {
    for (bool again = true; again;) {
      again = false;
      for (ProducerAction& action : core.take_actions()) {
        if (auto* commit = std::get_if<Commit>(&action)) {
          apply(commit->facts, durable);
          core.on_committed(commit->ticket, now);
          again = true;
        } else {
          kept.push_back(std::move(action));
        }
      }
    }
  }
  std::vector<std::string> lines() {
    for (ProducerAction& action : core.take_actions()) kept.push_back(std::move(action));
    std::vector<std::string> lines;
    for (const ProducerAction& action : std::exchange(kept, {})) {
      if (std::string line = line_of(action); !line.empty()) lines.push_back(std::move(line));
    }
    return lines;
  }
  // Only what was sent.
  std::vector<std::string> sends() {
    std::vector<std::string> sends = lines();
    std::erase_if(sends, [](const std::string& line) { return !line.starts_with("send "); });
    return sends;
  }
  // Of the last action that was a Send.
  BatchHeader last_header;

  Time now{std::chrono::seconds(100)};
  Sequence last = 0;
  ProducerCore core;
  ProducerState durable;
  std::set<std::string> seen;  // sinks whose ledger was told in a line
  std::vector<ProducerAction> kept;

 private:
  std::string line_of(const ProducerAction& action) {
    if (const auto* send = std::get_if<Send>(&action)) {
      last_header = send->header;
      if (send->header.kind == MessageKind::kEnd) return fmt::format("end to {}", send->member);
      if (send->header.kind == MessageKind::kDefinition) {
        return fmt::format("definition of {} to {}", send->header.processors, send->member);
      }
      std::string share;
      for (const Span& span : send->header.share) {
        share += fmt::format(" [{},{})", span.begin, span.end);
      }
      return fmt::format("send {}/{} to {}{}{}", send->header.sequence, send->header.attempt,
                         send->member, share, send->header.condemned ? " condemned" : "");
    }
    if (const auto* connect = std::get_if<Connect>(&action)) {
      return fmt::format("connect {} at {}", connect->member, connect->address);
    }
    if (const auto* disconnect = std::get_if<Disconnect>(&action)) {
      return fmt::format("disconnect {}{}", disconnect->member,
                         disconnect->deliver ? " when delivered" : "");
    }
    if (const auto* commit = std::get_if<Commit>(&action)) {
      std::string line = fmt::format("commit {}", commit->ticket);
      if (commit->facts.reserved) line += fmt::format(" reserved {}", *commit->facts.reserved);
      if (commit->facts.checkpoint) {
        line += fmt::format(" checkpoint {}", commit->facts.checkpoint->sequence);
      }
      for (const auto& [sink, ledger] : commit->facts.ledgers) {
        if (durable.ledgers.contains(sink) || seen.contains(sink)) continue;
        seen.insert(sink);
        line += fmt::format(" ledger {} of {}", ledger.mark.id, sink);
      }
      return line;
    }
    if (const auto* fatal = std::get_if<Fatal>(&action)) return "fatal: " + fatal->error.text;
    return std::holds_alternative<Finished>(action) ? "finished" : "";
  }
};

using Lines = std::vector<std::string>;

// After two deaths a batch goes on document by document, and no timeout is in the way.
inline ProducerSettings two_deaths() {
  ProducerSettings settings;
  settings.max_deaths = 2;
  settings.timeout.first = std::chrono::seconds(60);
  return settings;
}

}  // namespace docmill

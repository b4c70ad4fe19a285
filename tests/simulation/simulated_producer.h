// SimulatedProducer: a thin driver around Cutter and ProducerCore, with a disk that keeps what was
// committed and forgets the rest.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "shared/protocol/cutter.h"
#include "shared/protocol/producer_core.h"
#include "tests/simulation/pipeline.h"

namespace docmill::simulation {

// What stands in the pipeline file about this producer.
struct ProducerConfig {
  BatchLimits limits;
  ProducerSettings settings;
};

class SimulatedProducer final : public Process {
 public:
  SimulatedProducer(Pipeline& pipeline, Input& input);

  ProducerConfig config;

  // False when it does not run.
  bool receive(const ControlRecord& record);
  // Orderly end; it starts again with the pipeline file as it is then.
  void stop();
  void break_links();
  // Of one that does not run: it begins a new epoch.
  void throw_state_away();
  // Kills it between two of the next things that it does for its core.
  void kill_within(Duration outage);
  // All of its input is accounted for.
  bool done() const { return done_; }
  Run run() const { return durable_.run; }
  const ProducerState& durable() const { return durable_; }
  Input& input() { return input_; }
  bool committing() const { return !commits_.empty(); }
  std::uint64_t most_remembered() const;
  void check_balance() { pipeline_.audit.finished(input_.producer, durable_); }
  // A batch of it has reached a member, which may be another than it was sent to.
  void note_receiver(const BatchHeader& header, std::uint64_t incarnation);
  // For the report of a simulation that does not end.
  std::string standing() const;

 private:
  struct Peer {
    std::string name;
    std::uint64_t incarnation = 0;
    std::shared_ptr<DocumentLink> link;
  };
  struct PendingCommit {
    std::uint64_t ticket = 0;
    ProducerFacts facts;
  };

  void on_start() override;
  void on_kill() override;
  // What was only in memory.
  void forget();
  Plan wanted() const;
  void pump();
  void tick();
  void hand_in(const ControlRecord& record);
  void hand_in_ack(Ack ack);
  void watch_silence();
  std::size_t deaths_with(Sequence sequence);

  void read();
  bool read_one();
  void admit(Batch batch);

  void act();
  void perform(Connect& connect);
  void perform(Send& send);
  void perform(Disconnect& disconnect);
  void perform(Commit& commit);
  void perform(Say& said);
  void perform(Fatal& fatal);
  void perform(Finished& finished);
  void committed();
  void note_send(const BatchHeader& header, const Peer& peer);
  void settle_as_dead(const BatchHeader& header);

  Pipeline& pipeline_;
  Input& input_;
  ProducerState durable_;
  std::optional<ProducerCore> core_;
  std::optional<Cutter> cutter_;
  std::optional<SimulatedSource> source_;
  std::deque<ControlRecord> inbox_;
  bool waking_ = false;
  bool stopping_ = false;
  bool done_ = false;
  std::optional<Duration> doom_;
  std::deque<PendingCommit> commits_;
  std::map<MemberId, Peer> peers_;
  std::vector<std::weak_ptr<DocumentLink>> links_;
  // What the members' silence really was, to judge the core's verdicts by.
  std::uint64_t speaking_ = 0;                           // the incarnation that was heard last
  std::map<std::uint64_t, Time> heard_;                  // by incarnation
  std::set<std::uint64_t> silent_;                       // incarnations, for too long at some time
  std::map<std::uint64_t, std::size_t> taken_for_dead_;  // how often
  std::map<Sequence, std::set<std::uint64_t>> sent_to_;  // incarnations
  std::uint64_t timeouts_ = 0;
};

}  // namespace docmill::simulation

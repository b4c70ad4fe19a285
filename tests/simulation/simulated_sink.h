// SimulatedSink: a thin driver around LedgerCore, with a disk that keeps what was committed and
// forgets the rest.
#pragma once

#include <deque>
#include <map>
#include <optional>

#include "shared/protocol/early_batches.h"
#include "shared/protocol/ledger_core.h"
#include "tests/simulation/pipeline.h"

namespace docmill::simulation {

class SimulatedSink final : public Process {
 public:
  SimulatedSink(Pipeline& pipeline, std::string name);

  // False when it does not run.
  bool receive(const DocumentMessage& message);
  void check_balance();
  void break_links();
  bool committing() const { return committing_; }
  std::uint64_t ledger() const { return durable_.id; }

 private:
  void on_start() override;
  void on_kill() override;
  void take_group();
  void take(const DocumentMessage& message);
  void take_early(const std::string& producer);
  // False when its turn has not come.
  bool accept(const BatchHeader& sent, const std::string& payload);
  void refuse(const BatchHeader& header, const Refusal& refusal, const std::string& payload);
  std::vector<SettledSpan> write(const BatchHeader& header, const Share& fresh, bool collision,
                                 const std::string& payload, std::uint64_t& written);
  void commit();
  void apply_commit(bool with_output);
  void send_acks(std::vector<Ack> acks);
  void ack_at_once(const BatchHeader& header, Outcome outcome);
  Share voided(const BatchHeader& header) const;
  ControlLink& to_producer(const std::string& name);

  Pipeline& pipeline_;
  LedgerState durable_;
  std::vector<Written> output_;  // appended; what is behind the committed length may be lost
  std::size_t committed_ = 0;    // the length that the ledger knows
  std::optional<LedgerCore> core_;
  std::optional<EarlyBatches> early_;
  std::deque<DocumentMessage> inbox_;
  bool waking_ = false;
  bool committing_ = false;
  LedgerFacts facts_;                                                  // on their way to the disk
  std::size_t facts_length_ = 0;                                       // of the output, with them
  std::map<std::pair<Lineage, Sequence>, std::uint64_t> true_hashes_;  // for a bug
  std::map<std::string, std::shared_ptr<ControlLink>> to_producers_;
};

}  // namespace docmill::simulation

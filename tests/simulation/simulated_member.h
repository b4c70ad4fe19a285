// SimulatedMember: a thin driver around MemberCore, as a transformer is: one inbox, several
// threads.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "shared/protocol/division.h"
#include "shared/protocol/member_core.h"
#include "tests/simulation/pipeline.h"

namespace docmill::simulation {

class SimulatedMember final : public Process {
 public:
  SimulatedMember(Pipeline& pipeline, std::string name);

  // False when it does not run.
  bool receive(const DocumentMessage& message);
  std::uint64_t incarnation() const { return incarnation_; }
  // It was started with the pipeline file as it is now.
  bool up_to_date() const;
  // Orderly end; it starts again later.
  void drain();
  void break_links();

 private:
  void on_start() override;
  void on_kill() override;
  void beacon();
  void tell(const std::string& producer);
  void tell_news();
  void next();
  void start_work();
  void work(const DocumentMessage& message);
  // Nothing when a document ended the process.
  std::optional<std::vector<Division::Message>> process(const DocumentMessage& message);
  // False when the document ended it.
  bool process(const BatchHeader& header, const Entry& entry, PayloadWriter& out);
  void pass_on(const BatchHeader& header, std::vector<Division::Message> messages);
  void leave_if_done();
  void leave();
  void forget();

  Pipeline& pipeline_;
  PipelineFile file_;  // as it was at the start
  std::uint64_t incarnation_ = 0;
  std::optional<MemberCore> core_;
  std::deque<DocumentMessage> inbox_;  // not looked at yet
  std::deque<DocumentMessage> queue_;  // accepted, for a thread
  std::vector<BatchHeader> working_;   // one for each thread that works
  std::uint32_t capacity_ = 1;
  bool has_waited_ = false;  // for the answers of its producers, since it was told to leave
  bool hangs_ = false;       // a document has it stand still
  std::map<std::string, std::shared_ptr<ControlLink>> to_producers_;
  std::map<std::string, std::shared_ptr<DocumentLink>> to_sinks_;
};

}  // namespace docmill::simulation

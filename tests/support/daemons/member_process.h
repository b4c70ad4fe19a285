// MemberProcess: a transformer of a simulated pipeline: a real Transformer with real workers, whose
// threads are turns of the simulation.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/config/pipeline.h"
#include "tests/support/daemons/free_security.h"
#include "tests/support/daemons/process.h"
#include "transformer/transformer.h"

namespace docmill::daemons {

// How long a batch takes, in a worker.
struct WorkTime {
  Duration least = std::chrono::microseconds(20);
  Duration most = std::chrono::milliseconds(4);
};

// Is told when a transformer cannot be heard.
class SilenceListener {
 public:
  virtual ~SilenceListener() = default;
  virtual void on_pause(std::uint64_t incarnation) = 0;  // for longer than a producer waits
  virtual void on_end(std::uint64_t incarnation) = 0;
};

class MemberProcess final : public Process {
 public:
  MemberProcess(World& world, Network& network, const PipelineConfig& config, std::string name,
                WorkTime work, SilenceListener& listener, Bug bug);

  std::uint64_t poisoned() const { return poisoned_; }
  std::string standing() const override;

 private:
  Result<void> open() override;
  Result<bool> step() override;
  Duration idle() const override { return stage_->idle(); }
  bool listens() const override { return stage_ && stage_->listens(); }
  void drop() override;
  void on_continue(Duration paused) override;
  bool has_died() const override { return exits_; }
  bool may_end_with(const Error&) const override { return false; }
  HostClock& clock() override { return clock_; }

  // Gives free workers what waits for one.
  void set_to_work();
  void work(std::size_t worker, Job job);
  void finish(const LifePointer& life, std::size_t worker, const std::shared_ptr<Job>& job);
  bool ends_process(const Job& job);

  const PipelineConfig& config_;
  WorkTime work_;
  SilenceListener& listener_;
  std::uint64_t incarnation_ = 0;
  HostClock clock_;
  TraceLog log_;
  FreeSecurity security_;
  std::uint64_t poisoned_ = 0;
  bool exits_ = false;  // at once

  std::unique_ptr<PullLink> documents_;
  std::map<std::string, std::unique_ptr<PushLink>> sinks_;
  std::map<std::string, std::unique_ptr<PushLink>> producers_;
  std::unique_ptr<Transformer> stage_;
  std::vector<bool> busy_;  // by worker
};

}  // namespace docmill::daemons

// SinkProcess: a sink of a simulated pipeline: a real Sink with real outputs and its way back to
// the producers, on a simulated disk and simulated links.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "shared/config/pipeline.h"
#include "sink/producer_link.h"
#include "tests/support/daemons/bugged_links.h"
#include "tests/support/daemons/process.h"
#include "tests/support/daemons/sink_host.h"

namespace docmill::daemons {

class SinkProcess final : public Process {
 public:
  // config: of the pipeline; it outlives the process.
  SinkProcess(World& world, Network& network, const PipelineConfig& config, std::string name,
              Bug bug);

  SinkHost& host() { return host_; }
  // It runs, and no document waits in a spool of it.
  bool has_drained() const { return is_open_ && stage_->spilled() == 0; }
  std::string standing() const override;

 private:
  Result<void> open() override;
  Result<bool> step() override;
  Duration idle() const override { return stage_->sink().idle(); }
  bool listens() const override { return is_open_ && stage_->sink().listens(); }
  void drop() override;
  bool has_died() const override { return stage_ && stage_->dead(); }
  bool may_end_with(const Error& error) const override;
  bool needs_power_cut() const override;
  void cut_power() override { host_.files.cut_power(host_.dice); }
  test::DiskModel* files() override { return &host_.files; }
  HostClock& clock() override { return host_.clock; }

  std::map<std::string, std::unique_ptr<PushLink>> links_to_producers();
  void check_early();

  const PipelineConfig& config_;
  SinkHost host_;
  std::unique_ptr<PullLink> batches_;
  std::unique_ptr<ProducerLink> producers_;
  LedgerMark newest_;                         // for what is planted
  std::unique_ptr<BlindLinks> blind_links_;   // planted
  std::unique_ptr<EarlyAcks> early_acks_;     // planted
  std::unique_ptr<ProducerLink> other_acks_;  // planted
  std::unique_ptr<SinkLife> stage_;
  bool is_open_ = false;
};

}  // namespace docmill::daemons

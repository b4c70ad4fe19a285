// ProducerProcess: a producer of a simulated pipeline: a real Producer with a real store on a
// simulated disk, simulated links, and a simulated source.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "producer/producer.h"
#include "shared/config/pipeline.h"
#include "shared/store/state_folder.h"
#include "tests/support/daemons/free_security.h"
#include "tests/support/daemons/lone_deaths.h"
#include "tests/support/daemons/process.h"
#include "tests/support/daemons/simulated_source.h"
#include "tests/support/disk/disk_weather.h"

namespace docmill::daemons {

class ProducerProcess final : public Process {
 public:
  // config: of the pipeline, as it is when the producer starts; it and the input outlive the
  // process.
  ProducerProcess(World& world, Network& network, const PipelineConfig& config, const Input& input,
                  Bug bug);
  ~ProducerProcess() override;

  const Input& input() const { return input_; }
  // Of all lives.
  std::uint64_t deaths() const;
  std::uint64_t sends() const;
  // That may be given documents now; none while it does not run.
  std::optional<std::uint64_t> members() const;
  LoneDeaths& lone_deaths() { return lone_deaths_; }
  // A sink gets older state back. From now on the producer may refuse it and end.
  void on_restored_sink() { sends_before_ = sends(); }
  // It has refused that, or had no reason to ask the sink again.
  bool knows_of_loss() const { return refused_ || sends_before_ == sends(); }
  // What is durable, when it has ended.
  Result<ProducerState> state();
  std::string standing() const override;

 private:
  class Connector;
  class MeasuredLink;
  class HeardLink;

  Result<void> open() override;
  Result<bool> step() override;
  Duration idle() const override { return stage_->idle(); }
  bool listens() const override { return stage_ && stage_->listens(); }
  void drop() override;
  bool has_died() const override { return disk_ && disk_->dead(); }
  bool may_end_with(const Error& error) const override;
  // Also for a while after the disk has recovered: the producer tries again every 2 s.
  bool waits_for_room() const override {
    constexpr Duration kRetry = std::chrono::milliseconds(2500);
    return files_.room != UINT64_MAX || (starved_ && world_.now() - *starved_ < kRetry);
  }
  bool gives_up() const override { return refused_; }
  bool has_finished() const override { return finished_; }
  bool needs_power_cut() const override { return weather_ && weather_->failed_a_sync(); }
  void cut_power() override { files_.cut_power(dice_); }
  test::DiskModel* files() override { return &files_; }
  HostClock& clock() override { return clock_; }

  Result<ProducerParts> parts();
  void check_window();

  const PipelineConfig& config_;
  const Input& input_;
  simulation::Dice dice_;
  HostClock clock_;
  test::DiskModel files_;
  TraceLog log_;
  FreeSecurity security_;
  std::uint64_t largest_batch_ = 0;  // in bytes, that the settings of any life allowed
  std::uint64_t largest_window_ = 0;
  std::uint64_t largest_document_ = 0;  // with all that goes with it
  std::optional<Time> starved_;         // when its disk last lacked room or descriptors
  bool finished_ = false;
  std::optional<std::uint64_t> sends_before_;  // before the sink got its older state
  bool refused_ = false;
  std::uint64_t former_deaths_ = 0;
  std::uint64_t former_sends_ = 0;
  LoneDeaths lone_deaths_;

  std::optional<test::SimulatedDisk> disk_;
  std::optional<test::DiskWeather> weather_;
  std::optional<StateFolder> folder_;
  std::unique_ptr<PullLink> inbox_;
  std::unique_ptr<PullLink> control_;  // takes from the inbox
  std::unique_ptr<Connector> members_;
  std::unique_ptr<Producer> stage_;
};

}  // namespace docmill::daemons

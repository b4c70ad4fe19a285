#include "tests/daemons/sink_process.h"

#include "shared/runtime/links.h"

namespace docmill::daemons {
namespace {

// As SinkDaemon.
constexpr std::uint32_t kQueue = 8;

}  // namespace

SinkProcess::SinkProcess(World& world, Network& network, const PipelineConfig& config,
                         std::string name, Bug bug)
    : Process(world, network, name, config.shutdown_timeout),
      config_(config),
      host_(world.dice.roll(), std::move(name)) {
  host_.bug = bug;
}

Result<void> SinkProcess::open() {
  batches_ = network_.bind(life(), config_.network.sinks.at(name()).address);
  std::map<std::string, std::unique_ptr<PushLink>> links;
  for (const auto& [producer, peer] : config_.network.producers) {
    links.emplace(producer, network_.connect(life(), peer.address, control_link()));
  }
  producers_.emplace(std::move(links), host_.log);
  stage_ = std::make_unique<SinkLife>(host_, *batches_, *producers_, !world_.calm);
  const auto opened = stage_->open();
  is_open_ = opened.ok();
  return opened;
}

Result<bool> SinkProcess::step() {
  stage_->request() = request();
  // A tenth is left for the last commit, as in SinkDaemon.
  if (request().until) *stage_->request().until -= config_.shutdown_timeout / 10;
  if (world_.calm) stage_->calm();
  return stage_->step();
}

void SinkProcess::drop() {
  if (stage_) stage_->kill();
  is_open_ = false;
  stage_.reset();
  producers_.reset();
  batches_.reset();
}

// A full disk and a slow server are no reason to end.
bool SinkProcess::may_end_with(const Error& error) const {
  if (stage_->weather().has_broken()) return true;
  return stage_->weather().has_hurt() && error.code == ErrorCode::kUnavailable;
}

bool SinkProcess::needs_power_cut() const {
  return stage_ && (stage_->weather().failed_a_sync());
}

std::string SinkProcess::standing() const {
  if (!is_open_) return name() + " is down";
  const Sink::Counters counters = stage_->sink().counters();
  return fmt::format("{}: {} delivered, {} filtered, {} dead", name(), counters.committed.delivered,
                     counters.committed.filtered, counters.committed.dead);
}

}  // namespace docmill::daemons

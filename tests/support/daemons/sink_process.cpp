#include "tests/support/daemons/sink_process.h"

#include "shared/runtime/links.h"
#include "sink/ack_links.h"

namespace docmill::daemons {
namespace {

// As SinkDaemon.
constexpr std::uint32_t kQueue = 8;

}  // namespace

SinkProcess::SinkProcess(World& world, Network& network, const PipelineConfig& config,
                         std::string name, Bug bug)
    : Process(world, network, name, config.shutdown_timeout, bug),
      config_(config),
      host_(world.dice.roll(), std::move(name)) {
  host_.bug = bug;
  host_.pipeline = config.pipeline;
}

std::map<std::string, std::unique_ptr<PushLink>> SinkProcess::links_to_producers() {
  std::map<std::string, std::unique_ptr<PushLink>> links;
  for (const auto& [producer, peer] : config_.network.producers) {
    links.emplace(producer, network_.connect(life(), peer.address, control_link()));
  }
  return links;
}

Result<void> SinkProcess::open() {
  batches_ = network_.bind(life(), config_.network.sinks.at(name()).address);
  producers_ = std::make_unique<AckLinks>(config_.pipeline, links_to_producers(), host_.log);
  PullLink* batches = batches_.get();
  ProducerLink* producers = producers_.get();
  if (host_.bug == Bug::kAckBeforeCommit) {
    early_acks_ = std::make_unique<EarlyAcks>(name(), *batches_, *producers_, host_.clock);
    batches = early_acks_.get();
    producers = early_acks_.get();
  }
  if (host_.bug == Bug::kCommitsNotCompared) {
    blind_links_ = std::make_unique<BlindLinks>(*batches_, *producers_, newest_);
    batches = blind_links_.get();
    producers = blind_links_.get();
  }
  if (host_.bug == Bug::kAcksNotSplit) {
    producers =
        (other_acks_ = std::make_unique<UnsplitAcks>(config_.pipeline, links_to_producers())).get();
  }
  if (host_.bug == Bug::kAcksGrow) {
    producers = (other_acks_ = std::make_unique<GrowingAcks>(*producers_)).get();
  }
  stage_ = std::make_unique<SinkLife>(host_, *batches, *producers, !world_.calm);
  const auto opened = stage_->open();
  is_open_ = opened.ok();
  return opened;
}

Result<bool> SinkProcess::step() {
  stage_->request() = request();
  // A tenth is left for the last commit, as in SinkDaemon.
  if (request().until) *stage_->request().until -= config_.shutdown_timeout / 10;
  if (world_.calm) stage_->calm();
  auto goes_on = stage_->step();
  check_early();
  return goes_on;
}

void SinkProcess::check_early() {
  const Sink::Counters counters = stage_->sink().counters();
  const EarlyConfig& most = config_.sink.early;
  if (counters.early <= most.batches && counters.early_bytes <= most.bytes.count) return;
  world_.fail(fmt::format("{} keeps {} early batches of {} bytes, where {} and {} are allowed",
                          name(), counters.early, counters.early_bytes, most.batches,
                          most.bytes.count));
}

void SinkProcess::drop() {
  if (stage_) stage_->kill();
  is_open_ = false;
  stage_.reset();
  blind_links_.reset();
  early_acks_.reset();
  other_acks_.reset();
  producers_.reset();
  batches_.reset();
}

// A full disk and a slow server are no reason to end.
bool SinkProcess::may_end_with(const Error& error) const {
  if (stage_->weather().has_broken()) return true;
  return (stage_->weather().has_hurt() || was_full()) && error.code == ErrorCode::kUnavailable;
}

bool SinkProcess::needs_power_cut() const { return stage_ && (stage_->weather().failed_a_sync()); }

std::string SinkProcess::standing() const {
  if (!is_open_) return name() + " is down";
  const Sink::Counters counters = stage_->sink().counters();
  return fmt::format("{}: {} delivered, {} filtered, {} dead", name(), counters.committed.delivered,
                     counters.committed.filtered, counters.committed.dead);
}

}  // namespace docmill::daemons

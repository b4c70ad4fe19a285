#include "tests/support/daemons/member_process.h"

#include <chrono>

#include "shared/protocol/payload.h"
#include "shared/runtime/links.h"
#include "tests/support/daemons/simulated_source.h"

namespace docmill::daemons {
namespace {

using std::chrono::milliseconds;

// Planted: what finds no room in the queue of all members is lost.
class BurstLink final : public PushLink {
 public:
  BurstLink(Burst& burst, std::unique_ptr<PushLink> link) : burst_(burst), link_(std::move(link)) {}

  bool send(std::span<Frame> message, Time now) override {
    return !burst_.has_room(now) || link_->send(message, now);
  }
  bool connected() override { return link_->connected(); }
  void close(Duration linger) override { link_->close(linger); }

 private:
  Burst& burst_;
  std::unique_ptr<PushLink> link_;
};

// As TransformerDaemon.
constexpr std::uint32_t kSinkQueue = 8;
constexpr std::uint32_t kProducerQueue = 30;

// A pause after which a producer may hold it for dead: 1.5 s, less the time since a heartbeat.
constexpr Duration kSilence = milliseconds(1000);

}  // namespace

MemberProcess::MemberProcess(World& world, Network& network, const PipelineConfig& config,
                             std::string name, WorkTime work, SilenceListener& listener, Bug bug)
    : Process(world, network, name, config.shutdown_timeout, bug),
      config_(config),
      work_(work),
      listener_(listener),
      log_(world, name) {}

Result<void> MemberProcess::open() {
  exits_ = false;
  const std::string address = "tcp://" + name();
  incarnation_ = world_.dice.roll() | 1;
  auto definition = define_processors(config_);
  if (!definition) return definition.error();
  auto parts = TransformerParts::open(config_, std::move(*definition), log_,
                                      {name(), incarnation_, address, config_.transformer.workers},
                                      [this] { plan(world_.now()); });
  if (!parts) return parts.error();
  documents_ = network_.bind(life(), address);
  TransformerLinks links{*documents_, {}, {}, security_, request(), clock_, log_};
  for (const auto& [sink, peer] : config_.network.sinks) {
    sinks_[sink] = network_.connect(life(), peer.address, document_link(kSinkQueue));
    links.sinks[sink] = sinks_[sink].get();
  }
  for (const auto& [producer, peer] : config_.network.producers) {
    producers_[producer] = network_.connect(life(), peer.address, control_link(kProducerQueue));
    if (bug_ == Bug::kHeartbeatsInABurst) {
      producers_[producer] = std::make_unique<BurstLink>(network_.burst_at(peer.address),
                                                         std::move(producers_[producer]));
    }
    links.producers[producer] = producers_[producer].get();
  }
  busy_.assign(config_.transformer.workers, false);
  stage_ = std::make_unique<Transformer>(std::move(*parts), links);
  return {};
}

Result<bool> MemberProcess::step() {
  auto goes_on = stage_->step();
  if (stage_->forced_exit()) {
    exits_ = true;
    return goes_on;
  }
  set_to_work();
  return goes_on;
}

void MemberProcess::set_to_work() {
  for (std::size_t i = 0; i < busy_.size(); ++i) {
    if (busy_[i]) continue;
    auto job = stage_->jobs().try_take();
    if (!job) return;
    work(i, std::move(*job));
  }
}

void MemberProcess::work(std::size_t worker, Job job) {
  busy_[worker] = true;
  if (bug_ == Bug::kRepeatsCondemned && job.header.attempt > 3) job.header.condemned = true;
  stage_->workers()[worker]->begin(job);
  const bool ends = ends_process(job);
  const auto shared = std::make_shared<Job>(std::move(job));
  world_.after(world_.dice.time(work_.least, work_.most),
               [this, life = life(), worker, shared, ends] {
                 if (!ends) return finish(life, worker, shared);
                 if (life->dead || life != this->life()) return;
                 world_.trace("{} dies of batch {} of {}", name(), shared->header.sequence,
                              shared->header.lineage.producer);
                 ++poisoned_;
                 die(world_.dice.time(milliseconds(20), milliseconds(1500)), false);
               });
}

void MemberProcess::finish(const LifePointer& life, std::size_t worker,
                           const std::shared_ptr<Job>& job) {
  if (life->dead || life != this->life()) return;
  if (life->paused) {  // so are its threads
    return world_.after(milliseconds(20), [this, life, worker, job] { finish(life, worker, job); });
  }
  stage_->workers()[worker]->finish(*job);
  busy_[worker] = false;
  set_to_work();
}

bool MemberProcess::ends_process(const Job& job) {
  if (job.header.condemned) return false;
  PayloadReader reader(job.payload.bytes());
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    if (entry.kind != EntryKind::kDocument || !contains(job.header.share, entry.index)) continue;
    const Fate fate = fate_of(entry.document.bytes);
    if (fate == Fate::kPoison) return true;
    if (fate == Fate::kFragile && world_.dice.chance(40)) return true;
  }
  return false;
}

void MemberProcess::on_continue(Duration paused) {
  if (paused >= kSilence) listener_.on_pause(incarnation_);
}

void MemberProcess::drop() {
  listener_.on_end(incarnation_);
  stage_.reset();
  producers_.clear();
  sinks_.clear();
  documents_.reset();
}

std::string MemberProcess::standing() const {
  if (!stage_) return name() + " is down";
  const Transformer::Counters counters = stage_->counters();
  return fmt::format("{}: {} batches, {} returned", name(), counters.batches, counters.returned);
}

}  // namespace docmill::daemons

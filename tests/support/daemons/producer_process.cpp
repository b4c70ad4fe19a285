#include "tests/support/daemons/producer_process.h"

#include <algorithm>

#include "producer/producer_settings.h"
#include "shared/protocol/header.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/links.h"
#include "shared/runtime/processor_definition.h"

namespace docmill::daemons {
namespace {

// As MemberSockets.
constexpr std::uint32_t kQueue = 256;

// The copy was older than what the sink had said, or than its ledger.
bool is_refusal(const std::string& text) {
  return text.find("older copy") != text.npos || text.find("expected ledger") != text.npos;
}

}  // namespace

// A link that looks at each batch.
class ProducerProcess::MeasuredLink final : public PushLink {
 public:
  MeasuredLink(ProducerProcess& process, std::unique_ptr<PushLink> link)
      : process_(process), link_(std::move(link)) {}

  bool send(std::span<Frame> message, Time now) override {
    const auto header = decode_header(message[0].bytes(), message[1].bytes());
    if (!header) {
      process_.world_.fail("a producer sends what cannot be read: " + header.error().text);
    } else if (header->kind == MessageKind::kBatch) {
      look(*header, message[1].bytes());
    }
    return link_->send(message, now);
  }
  bool connected() override { return link_->connected(); }
  void close(Duration linger) override { link_->close(linger); }

 private:
  void look(const BatchHeader& header, std::string_view payload) {
    if (header.documents > 1 && payload.size() > process_.largest_batch_) {
      process_.world_.fail(fmt::format("batch {} of {} has {} bytes, where {} are allowed",
                                       header.sequence, header.lineage.producer, payload.size(),
                                       process_.largest_batch_));
    }
    if (!header.alone || count(header.share) != 1) return;
    PayloadReader reader(payload);
    Entry entry;
    for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
      if (!contains(header.share, entry.index)) continue;
      process_.lone_deaths_.on_sent(header, entry.document.origin.record - 1);
    }
  }

  ProducerProcess& process_;
  std::unique_ptr<PushLink> link_;
};

// The way in of all that the producer hears.
class ProducerProcess::HeardLink final : public PullLink {
 public:
  HeardLink(LoneDeaths& deaths, PullLink& link) : deaths_(deaths), link_(link) {}

  bool receive(std::vector<Frame>& message) override {
    if (!link_.receive(message)) return false;
    const auto heard = decode_control(message[0].bytes());
    if (!heard) return true;
    if (const auto* heartbeat = std::get_if<Heartbeat>(&heard->record))
      deaths_.on_heartbeat(*heartbeat);
    return true;
  }

 private:
  LoneDeaths& deaths_;
  PullLink& link_;
};

class ProducerProcess::Connector final : public MemberConnector {
 public:
  explicit Connector(ProducerProcess& process) : process_(process), life_(process.life()) {}

  Result<std::unique_ptr<PushLink>> connect(const std::string& address,
                                            const std::string&) override {
    return std::unique_ptr<PushLink>(std::make_unique<MeasuredLink>(
        process_, process_.network_.connect(life_, address, document_link(kQueue))));
  }

 private:
  ProducerProcess& process_;
  LifePointer life_;
};

ProducerProcess::ProducerProcess(World& world, Network& network, const PipelineConfig& config,
                                 const Input& input, Bug bug)
    : Process(world, network, input.settings.producer, config.shutdown_timeout, bug),
      config_(config),
      input_(input),
      dice_(world.dice.roll()),
      log_(world, input.settings.producer),
      lone_deaths_(input.documents.size()) {
  constexpr std::uint64_t kBesides = 200;
  for (const InputDocument& document : input.documents) {
    largest_document_ =
        std::max(largest_document_, document.bytes.size() + document.notes.size() + kBesides);
  }
}

ProducerProcess::~ProducerProcess() = default;

Result<void> ProducerProcess::open() {
  largest_batch_ = std::max(largest_batch_, config_.producer.batch.bytes.count);
  largest_window_ = std::max(largest_window_, config_.producer.window.bytes.count);
  disk_.emplace(files_);
  disk_->ignores_syncs = bug_ == Bug::kProducerSyncsIgnored;
  weather_.emplace(*disk_, dice_);
  if (!world_.calm) weather_->plan(dice_.chance(40) ? 300 : 4000);
  auto made = parts();
  if (!made) return made.error();
  inbox_ = network_.bind(life(), config_.network.producers.at(name()).address);
  control_ = std::make_unique<HeardLink>(lone_deaths_, *inbox_);
  members_ = std::make_unique<Connector>(*this);
  stage_ = std::make_unique<Producer>(
      std::move(*made), ProducerLinks{*control_, *members_, security_, request(), clock_, log_});
  return {};
}

// As ProducerDaemon.
Result<ProducerParts> ProducerProcess::parts() {
  auto folder = StateFolder::open(*disk_, config_.state, name());
  if (!folder) return folder.error();
  folder_.emplace(std::move(*folder));
  if (auto ours = folder_->belong_to(config_.pipeline); !ours) return ours.error();
  auto opened = ProducerStore::open(*folder_);
  if (!opened) return opened.error();
  auto store = std::make_unique<ProducerStore>(std::move(*opened));
  auto state = store->state();
  if (!state) return state.error();
  const auto definition = define_processors(config_);
  if (!definition) return definition.error();
  auto catalog = std::make_unique<StoreCatalog>(*store);
  auto raw = std::make_unique<RawCounters>();
  auto inputs = std::make_unique<InputCounters>();
  auto reader = BatchReader::open(*state, plan_of(config_, *definition), {simulated_source(input_)},
                                  {name(),
                                   {},
                                   config_.limits,
                                   config_.xml,
                                   *catalog,
                                   clock_,
                                   log_,
                                   state->lineage.epoch,
                                   folder_->path(),
                                   nullptr,
                                   raw.get(),
                                   inputs.get(),
                                   &*disk_});
  if (!reader) return reader.error();
  return ProducerParts{.settings = settings_of(config_),
                       .state = std::move(*state),
                       .store = std::move(store),
                       .catalog = std::move(catalog),
                       .raw = std::move(raw),
                       .inputs = std::move(inputs),
                       .reader = std::move(*reader),
                       .shutdown_timeout = config_.shutdown_timeout,
                       .draining = false};
}

Result<bool> ProducerProcess::step() {
  const std::uint64_t calls = disk_->calls;
  if (world_.calm) weather_->clear();
  if (weather_->starves()) starved_ = world_.now();
  auto goes_on = stage_->step();
  clock_.time += std::chrono::microseconds(20 * (disk_->calls - calls));
  if (disk_->dead()) return goes_on;
  refused_ = sends_before_ && !goes_on && is_refusal(goes_on.error().text);
  finished_ = stage_->finished() && stage_->counters().ended && goes_on && !*goes_on;
  check_window();
  return goes_on;
}

// One batch may be larger than the window, which it enters when it is empty.
void ProducerProcess::check_window() {
  const Producer::Counters counters = stage_->counters();
  const std::uint64_t most = largest_window_ + std::max(largest_batch_, largest_document_);
  if (counters.window_bytes <= most) return;
  world_.fail(fmt::format("{} has {} bytes in its window, where {} are allowed", name(),
                          counters.window_bytes, most));
}

void ProducerProcess::drop() {
  if (stage_) {
    former_deaths_ += stage_->counters().core.deaths;
    former_sends_ += stage_->counters().core.sends;
  }
  if (weather_ && !weather_->last().empty()) {
    world_.trace("{}: the last call that failed was the {}", name(), weather_->last());
  }
  if (disk_) disk_->die();
  stage_.reset();
  members_.reset();
  control_.reset();
  inbox_.reset();
  lone_deaths_.end_run();
  folder_.reset();
  weather_.reset();
  disk_.reset();
}

bool ProducerProcess::may_end_with(const Error& error) const {
  if (refused_ || weather_->has_broken()) return true;
  return (weather_->has_hurt() || was_full()) && error.code == ErrorCode::kUnavailable;
}

std::uint64_t ProducerProcess::deaths() const {
  return former_deaths_ + (stage_ ? stage_->counters().core.deaths : 0);
}

std::optional<std::uint64_t> ProducerProcess::members() const {
  return stage_ ? std::optional(stage_->counters().members) : std::nullopt;
}

std::uint64_t ProducerProcess::sends() const {
  return former_sends_ + (stage_ ? stage_->counters().core.sends : 0);
}

Result<ProducerState> ProducerProcess::state() {
  test::SimulatedDisk disk(files_);
  auto folder = StateFolder::open(disk, config_.state, name());
  if (!folder) return folder.error();
  auto state = ProducerStore::read(*folder);
  if (!state) return state.error();
  return state->value_or(ProducerState());
}

std::string ProducerProcess::standing() const {
  if (done()) return name() + " has finished";
  if (!stage_) return name() + " is down";
  const Producer::Counters counters = stage_->counters();
  return fmt::format(
      "{}: {} of {} documents settled, {} in {} batches under way, {} members, {} sends", name(),
      counters.core.settled.documents(), input_.documents.size(), counters.in_flight,
      counters.window_batches, counters.members, counters.core.sends);
}

}  // namespace docmill::daemons

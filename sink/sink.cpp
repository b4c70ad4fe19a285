#include "sink/sink.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

#include "shared/runtime/links.h"
#include "sink/files.h"
#include "sink/former_files.h"
#include "sink/incoming_batch.h"
#include "sink/open_ledger.h"

namespace docmill {
namespace {

// A group is committed at the latest when it holds this much, or when nothing more is waiting.
constexpr std::uint64_t kGroupBytes = 16 << 20;
// One ack may be late or lost; this often it is the way that loses them.
constexpr std::uint32_t kAttemptsWithoutAck = 3;
constexpr Duration kIdle = std::chrono::milliseconds(200);
// Batches that wait in the socket, for each transformer.
constexpr std::uint32_t kQueue = 8;

std::string collision_text(const BatchHeader& header) {
  return fmt::format(
      "sink: batch {} of {} came with other content than what was settled before; a file changed "
      "under way, or a state folder was copied",
      header.sequence, header.lineage.producer);
}

// One outcome for each index; runs of the same become one span.
std::vector<SettledSpan> spans_of(const Share& share, const std::vector<Outcome>& outcomes) {
  std::vector<SettledSpan> spans;
  for (const Span& span : share) {
    for (std::uint32_t index = span.begin; index < span.end; ++index) {
      if (spans.empty() || spans.back().end != index || spans.back().outcome != outcomes[index]) {
        spans.push_back({index, index, outcomes[index]});
      }
      spans.back().end = index + 1;
    }
  }
  return spans;
}

}  // namespace

Result<std::unique_ptr<Sink>> Sink::open(Daemon& daemon) {
  const PipelineConfig& config = daemon.config();
  auto folder = StateFolder::open(daemon.disk(), config.state, daemon.name());
  if (!folder) return folder.error();
  const std::vector<OutputComponent> catalog = output_components();
  auto store = open_ledger(daemon, *folder, catalog);
  if (!store) return store.error();
  auto state = store->state();
  if (!state) return state.error();

  OutputContext context{daemon.name(),     *store,          daemon.log(),
                        &daemon.context(), &daemon.clock(), folder->path()};
  auto dead = open_sink_file(config.sink.dead_letters, context);
  if (!dead) return dead.error();
  auto dead_letters = std::make_unique<DeadLetters>(std::move(*dead));
  context.dead_letters = dead_letters.get();
  auto outputs = open_outputs(config.sink.outputs, context);
  while (!outputs && !store->shared_database().empty() &&
         wait_for_database(daemon, outputs.error())) {
    outputs = open_outputs(config.sink.outputs, context);
  }
  if (!outputs) return outputs.error();
  if (auto done = finish_former_files(context, *outputs); !done) return done.error();
  OutputRoutes routes(*outputs, config.sink.outputs);

  auto documents = PullSocket::bind(
      daemon.context(), config.network.sinks.at(daemon.name()).address,
      document_link(config.limits, kQueue), daemon.security().door(Door::kResults));
  if (!documents) return documents.error();
  auto producers =
      ProducerLinks::open(daemon.context(), config.network, daemon.security(), daemon.log());
  if (!producers) return producers.error();
  std::optional<Publisher> publisher;
  if (config.sink.publish) {
    auto opened = Publisher::open(daemon.context(), *config.sink.publish, daemon.name(),
                                  config.limits, daemon.security());
    if (!opened) return opened.error();
    publisher = std::move(*opened);
  }
  auto telemetry = Telemetry::open(daemon.context(), config.state, daemon.name(), "sink");
  if (!telemetry) return telemetry.error();
  Parts parts{std::move(*folder),    std::move(*store),    std::move(dead_letters),
              std::move(*outputs),   std::move(routes),    std::move(*documents),
              std::move(*producers), std::move(publisher), std::move(*telemetry)};
  return std::unique_ptr<Sink>(new Sink(daemon, std::move(parts), std::move(*state)));
}

Sink::Sink(Daemon& daemon, Parts parts, LedgerState state)
    : daemon_(daemon),
      parts_(std::move(parts)),
      core_(daemon.name(), std::move(state),
            daemon.config().sink.order == Order::kSource ? WriteOrder::kSource : WriteOrder::kAny),
      early_({daemon.config().sink.early.batches, daemon.config().sink.early.bytes}) {
  GroupDocuments kept;
  for (std::size_t i = 0; i < parts_.outputs.size(); ++i) {
    kept.watch(*parts_.outputs[i], "sink.outputs." + daemon.config().sink.outputs[i].key);
  }
  if (kept.watches()) kept_ = std::move(kept);
  committed_ = core_.state().totals;
  daemon_.log().info("ready at {}; {} documents delivered, {} dead so far",
                     parts_.documents.endpoint(), committed_.delivered, committed_.dead);
}

Result<void> Sink::run() {
  bool drained = false;
  while (!drained) {
    poller_.clear();
    poller_.readable(parts_.documents);
    poller_.readable(daemon_.signals());
    for (const auto& output : parts_.outputs) {
      if (output->fd() >= 0) poller_.readable(output->fd());
    }
    const Duration left = next_commit_ - daemon_.clock().now();
    poller_.wait(moved_ ? Duration::zero() : core_.has_group() ? left : kIdle);
    const int stops = daemon_.stops();
    if (auto served = serve_outputs(); !served) return served;
    const bool more = receive_group();
    if (more || stops > 0 || daemon_.clock().now() >= next_commit_) {
      if (auto committed = commit(); !committed) {
        return committed.error().code == ErrorCode::kStopped ? Result<void>() : committed;
      }
    }
    report();
    drained = stops > 1 || (stops == 1 && !more);
  }
  auto ended = finish_outputs();
  if (ended) ended = commit(!daemon_.reloading());
  if (!ended && ended.error().code != ErrorCode::kStopped) return ended;
  daemon_.log().info("stopped; {} documents delivered, {} dead", committed_.delivered,
                     committed_.dead);
  return {};
}

bool Sink::receive_group() {
  while (group_bytes_ < kGroupBytes && !is_full()) {
    if (take_early()) continue;
    if (!parts_.documents.receive(message_)) return false;
    take(message_);
  }
  return true;
}

void Sink::take(std::vector<Frame>& message) {
  auto header = read_incoming(message);
  if (!header) {
    if (malformed_++ == 0) daemon_.log().warn("a message was dropped: {}", header.error().text);
    return;
  }
  const std::string_view payload = message[1].bytes();
  if (accept(*header, payload)) {
    moved_ = header->lineage.producer;
  } else {
    core_.early(*header, Early::kHeld);
    for (const BatchHeader& dropped : early_.hold(*header, payload)) {
      core_.early(dropped, Early::kDropped);
    }
    group_bytes_ += payload.size() + 1;
  }
}

bool Sink::take_early() {
  if (!moved_) return false;
  const EarlyBatch* first = early_.first(*moved_);
  if (first == nullptr || !accept(first->header, first->payload)) {
    moved_.reset();
    return false;
  }
  early_.remove_first(*moved_);
  return true;
}

bool Sink::accept(const BatchHeader& header, std::string_view payload) {
  const Judgement judgement = core_.judge(header);
  switch (judgement.verdict) {
    case Verdict::kEarly:
      return false;
    case Verdict::kWrite:
    case Verdict::kCollision:
      write(header, judgement, payload);
      break;
    case Verdict::kRefused:
      ++refused_;
      parts_.producers.send(*judgement.refusal, daemon_.clock().now());
      break;
    case Verdict::kKnown:
      if (header.attempt >= kAttemptsWithoutAck) {
        parts_.producers.no_ack_arrives(header.lineage.producer, daemon_.clock().now());
      }
      break;
    case Verdict::kMisrouted:
      break;
  }
  group_bytes_ += payload.size() + 1;
  return true;
}

void Sink::write(const BatchHeader& header, const Judgement& judgement, std::string_view payload) {
  const bool collision = judgement.verdict == Verdict::kCollision;
  const std::string collided = collision ? collision_text(header) : std::string();
  if (collision) daemon_.log().error("{}", collided);
  std::vector<Outcome> outcomes(header.documents, collision ? Outcome::kDead : Outcome::kFiltered);
  std::uint64_t written = 0;
  PayloadReader reader(payload);
  Entry entry;
  DocumentId id{header.lineage.producer, header.lineage.epoch, header.sequence, 0, 0};
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    if (!contains(judgement.fresh, entry.index)) continue;
    if (collision || entry.kind == EntryKind::kDead) {
      parts_.dead_letters->add(header, entry, collision ? collided : entry.reason);
      outcomes[entry.index] = Outcome::kDead;
    } else if (entry.kind == EntryKind::kDocument) {
      const bool is_first = outcomes[entry.index] == Outcome::kFiltered;
      id.part = is_first ? 0 : id.part + 1;
      id.index = entry.index;
      const std::vector<Output*>& takers = parts_.routes.takers(entry.document);
      if (takers.empty()) {
        // It counts as dead, though other documents that it became may be delivered.
        parts_.dead_letters->add(header, entry, parts_.routes.refusal(entry.document));
        outcomes[entry.index] = Outcome::kDead;
        continue;
      }
      if (kept_) kept_->keep(header, entry, takers);
      for (Output* output : takers) output->add(id, entry.document);
      if (parts_.publisher) parts_.publisher->add(entry.document.bytes);
      if (is_first) outcomes[entry.index] = Outcome::kDelivered;
      ++written;
    }
  }
  core_.settle(header, spans_of(judgement.fresh, outcomes), written);
}

void Sink::report() {
  const Time now = daemon_.clock().now();
  if (!parts_.telemetry.due(now)) return;
  const std::array gauges = {Gauge{"delivered", committed_.delivered},
                             Gauge{"filtered", committed_.filtered},
                             Gauge{"dead", committed_.dead},
                             Gauge{"written", committed_.written},
                             Gauge{"suppressed", committed_.suppressed},
                             Gauge{"collisions", committed_.collisions},
                             Gauge{"early", early_.batches()},
                             Gauge{"early_bytes", early_.bytes()},
                             Gauge{"early_dropped", early_.dropped()},
                             Gauge{"refused", refused_},
                             Gauge{"malformed", malformed_},
                             Gauge{"misrouted", core_.misrouted()},
                             Gauge{"refused_peers", daemon_.security().refused()},
                             Gauge{"reloads", daemon_.reloads()},
                             Gauge{"refused_reloads", daemon_.refused_reloads()}};
  parts_.telemetry.publish(gauges, now);
}

}  // namespace docmill

#include "transformer/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "shared/base/hash.h"
#include "shared/base/random.h"
#include "shared/protocol/owner.h"
#include "shared/runtime/links.h"

namespace docmill {
namespace {

// Batches on their way into and out of a worker; the producer's window is the queue that counts.
constexpr std::uint32_t kQueueIn = 256;
constexpr std::uint32_t kQueueOut = 8;
constexpr Duration kIdle = std::chrono::seconds(1);
// A sink that takes nothing for this long is somebody else's to try. It is not waited for again
// until it takes something, if there are others: what belongs to them would wait, too.
constexpr Duration kSinkPatience = std::chrono::seconds(5);

Result<PullSocket> bind_documents(const PipelineConfig& config, const std::string& name,
                                  const Context& context, Security& security) {
  const SocketLimits limits = document_link(config.limits, kQueueIn);
  const auto curve = security.door(Door::kBatches);
  if (config.is_local) {
    return PullSocket::bind(context, local_address(config.state, name, "documents"), limits, curve);
  }
  const PortRange& ports = config.transformer.ports;
  return PullSocket::bind_in_range(context, config.transformer.advertise, ports.first, ports.last,
                                   limits, curve);
}

std::string condemned_text(const BatchHeader& header) {
  if (header.deaths == 0) {
    return "transformer: transformers ended while they worked on it, in an earlier run";
  }
  return fmt::format("transformer: {} transformers ended while they worked on it", header.deaths);
}

// A producer that is not listed is never told anything: news for it would wait for ever.
Result<BatchHeader> read_message(const std::vector<Frame>& message, const NetworkConfig& network) {
  if (message.size() != 2) {
    return malformed(fmt::format("expected two frames, found {}", message.size()));
  }
  auto header = decode_header(message[0].bytes(), message[1].bytes());
  if (header && !network.producers.contains(header->lineage.producer)) {
    return malformed(fmt::format("expected a producer of the pipeline file, found '{}'",
                                 header->lineage.producer));
  }
  return header;
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::open(const PipelineConfig& config, const std::string& name,
                                             const Context& context, Security& security,
                                             Wakeup& news, Log& log) {
  auto wakeup = Wakeup::open();
  if (!wakeup) return wakeup.error();
  auto documents = bind_documents(config, name, context, security);
  if (!documents) return documents.error();
  std::map<std::string, PushSocket> sinks;
  std::set<std::string> sink_names;
  for (const auto& [sink, peer] : config.network.sinks) {
    const auto curve = security.way_to(sink);
    if (!curve) return curve.error();
    auto socket =
        PushSocket::connect(context, peer.address, document_link(config.limits, kQueueOut), *curve);
    if (!socket) return socket.error();
    sinks.emplace(sink, std::move(*socket));
    sink_names.insert(sink);
  }
  std::vector<std::string> producers;
  for (const auto& [producer, peer] : config.network.producers) producers.push_back(producer);
  MemberCore core({name, random_number(), documents->endpoint()}, producers, sink_names);
  std::unique_ptr<Worker> worker(new Worker(config, std::move(*documents), std::move(sinks),
                                            std::move(core), std::move(*wakeup), security, news,
                                            log));
  auto definition = define_processors(config);
  if (!definition) return definition.error();
  auto chain = Chain::make(*definition, config.limits, log);
  if (!chain) return chain.error();
  const std::uint64_t revision = hash64(encode(*definition));
  worker->own_ = std::move(*definition);
  worker->add_chain(revision, std::move(*chain));
  worker->port_.with([revision](MemberCore& member) { member.define(revision); });
  return worker;
}

Worker::Worker(const PipelineConfig& config, PullSocket documents,
               std::map<std::string, PushSocket> sinks, MemberCore core, Wakeup wakeup,
               Security& security, Wakeup& news, Log& log)
    : config_(config),
      documents_(std::move(documents)),
      sinks_(std::move(sinks)),
      port_(std::move(core), news),
      wakeup_(std::move(wakeup)),
      security_(security),
      log_(log) {}

Worker::~Worker() { stop(Duration::zero()); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::ask_to_stop(Duration linger) {
  if (stopping_) return;
  linger_ = linger;
  stopping_ = true;
  wakeup_.wake();
}

void Worker::stop(Duration linger) {
  if (!thread_.joinable()) return;
  ask_to_stop(linger);
  thread_.join();
}

void Worker::run() {
  std::vector<Frame> message;
  while (!stopping_) {
    if (documents_.receive(message)) {
      take(message);
      continue;
    }
    port_.with([](MemberCore& member) { member.rest(); });
    poller_.clear();
    poller_.readable(documents_);
    poller_.readable(wakeup_.fd());
    poller_.wait(kIdle);
  }
  for (auto& [name, socket] : sinks_) std::move(socket).close(linger_);
  ended_ = true;
}

void Worker::take(std::vector<Frame>& message) {
  auto header = read_message(message, config_.network);
  if (!header) {
    if (counters_.malformed++ == 0) log_.warn("a message was dropped: {}", header.error().text);
    return;
  }
  const std::string_view payload = message[1].bytes();
  if (!security_.is_from(message.front(), Role::kProducer, header->lineage.producer,
                         "a message of")) {
    return;
  }
  switch (header->kind) {
    case MessageKind::kBatch:
      return work(*header, payload);
    case MessageKind::kDefinition:
      return define(*header, payload);
    case MessageKind::kEnd:
      port_.with([&](MemberCore& member) { member.on_end(*header); });
      return;
  }
}

void Worker::work(const BatchHeader& header, std::string_view payload) {
  if (!port_.with([&](MemberCore& member) { return member.accept(header); })) {
    ++counters_.returned;
    return;
  }
  const std::uint64_t lossy = lossy_of(header.processors);
  const bool passed = transform(header, payload);
  counters_.lossy += lossy_of(header.processors) - lossy;
  port_.with([&](MemberCore& member) {
    if (passed) {
      member.finished();
    } else {
      member.hand_back(ReturnReason::kSinkUnavailable);
    }
  });
  if (!passed) ++counters_.returned;
  ++counters_.batches;
  counters_.documents += count(header.share);
  counters_.bytes += payload.size();
}

// What is condemned comes also where its processors are not known.
std::uint64_t Worker::lossy_of(std::uint64_t revision) const {
  const auto chain = chains_.find(revision);
  return chain == chains_.end() ? 0 : chain->second.lossy();
}

bool Worker::transform(const BatchHeader& header, std::string_view payload) {
  const auto chain = chains_.find(header.processors);
  const std::string condemned = header.condemned ? condemned_text(header) : std::string();
  std::optional<Division> division;
  if (header.keyed) division.emplace(header, largest_payload(config_.limits));
  PayloadWriter out;
  out.reserve(payload.size() + payload.size() / 2);
  PayloadReader reader(payload);
  Entry entry;
  auto more = reader.next(entry);
  for (; more && *more; more = reader.next(entry)) {
    if (!contains(header.share, entry.index)) continue;
    if (header.voids) {
      division->add_void(entry.index);
      continue;
    }
    if (division) out.rewind({});
    if (header.condemned || entry.kind == EntryKind::kDead) {
      // What was dead when it came keeps the reason: it ended nobody.
      out.dead(entry.index, entry.document,
               entry.kind == EntryKind::kDead ? entry.reason : condemned);
    } else {
      progress_.begin(entry.index);
      chain->second.process(entry.index, entry.document, out);
    }
    if (!division) continue;
    division->add(entry.index, entry.document, out.bytes());
    progress_.end();  // to wait for a sink is not to work on a document
    if (!pass_on(division->take_full())) return false;
  }
  progress_.end();
  if (!more) {
    log_.error("batch {} of {}: {}", header.sequence, header.lineage.producer, more.error().text);
    return false;
  }
  if (division) return pass_on(division->take_rest());
  std::vector<Division::Message> whole;
  whole.push_back({owner_of(header.lineage, header.sequence, header.sinks), header, out.take()});
  return pass_on(std::move(whole));
}

bool Worker::pass_on(std::vector<Division::Message> messages) {
  struct Outgoing {
    std::string name;
    PushSocket* sink;
    std::array<Frame, 2> frames;
  };
  std::vector<Outgoing> left;
  for (Division::Message& message : messages) {
    message.header.processed = true;
    left.push_back(
        {message.sink,
         &sinks_.at(message.sink),
         {Frame::copy(encode(message.header, message.payload)),
          Frame::share(std::make_shared<const std::string>(std::move(message.payload)))}});
  }
  const SystemClock clock;
  const Time deadline = clock.now() + kSinkPatience;
  for (;;) {
    // One that takes nothing does not keep the others waiting.
    std::erase_if(left, [&](Outgoing& one) {
      if (!one.sink->send(one.frames, clock.now())) return false;
      stuck_.erase(one.name);
      return true;
    });
    if (left.empty()) return true;
    const bool others = stuck_.size() < sinks_.size();
    const bool known = std::all_of(left.begin(), left.end(), [this](const Outgoing& one) {
      return stuck_.contains(one.name);
    });
    if (stopping_ || (others && known)) return false;
    const Duration patience = deadline - clock.now();
    if (patience <= Duration::zero()) {
      for (const Outgoing& one : left) stuck_.insert(one.name);
      return false;
    }
    poller_.clear();
    for (const Outgoing& one : left) poller_.writable(*one.sink);
    poller_.wait(std::min(patience, Duration(std::chrono::milliseconds(100))));
  }
}

void Worker::add_chain(std::uint64_t revision, Chain chain) {
  chain.tell(progress_);
  chains_.emplace(revision, std::move(chain));
}

void Worker::define(const BatchHeader& header, std::string_view text) {
  if (chains_.contains(header.processors)) return;
  const auto definition = hash64(text) == header.processors
                              ? decode_definition(text)
                              : malformed("their definition was changed on its way");
  auto chain = definition ? Chain::make(*definition, config_.limits, log_)
                          : Result<Chain>(definition.error());
  if (!chain) {
    log_.error("processors {:016x} of {} cannot be made here: {}", header.processors,
               header.lineage.producer, chain.error().text);
    return;
  }
  add_chain(header.processors, std::move(*chain));
  port_.with([&](MemberCore& member) { member.define(header.processors); });
  log_.info(
      "using the processors {:016x} of {} for its batches; {} here differs: if that was edited, "
      "reload {} too",
      header.processors, header.lineage.producer, difference(*definition, own_),
      header.lineage.producer);
}

}  // namespace docmill

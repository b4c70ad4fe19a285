#include "transformer/worker.h"

#include <fmt/format.h>

#include "shared/protocol/owner.h"
#include "shared/runtime/links.h"

namespace docmill {
namespace {

// What a message costs besides its bytes.
constexpr std::size_t kMessageOverhead = 256;

std::string condemned_text(const BatchHeader& header) {
  if (header.deaths == 0) {
    return "transformer: transformers ended while they worked on it, in an earlier run";
  }
  return fmt::format("transformer: {} transformers ended while they worked on it", header.deaths);
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::open(Workshop& shop, std::uint64_t revision) {
  std::unique_ptr<Worker> worker(new Worker(shop));
  const auto definition = shop.revisions.find(revision);
  auto chain = Chain::make(*definition, shop.log);
  if (!chain) return chain.error();
  chain->tell(worker->progress_);
  worker->chains_.emplace(revision, std::move(*chain));
  return worker;
}

Worker::~Worker() {
  if (thread_.joinable()) thread_.join();
}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

std::optional<Worker::Current> Worker::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Worker::run() {
  while (auto job = shop_.jobs.take()) {
    begin(*job);
    finish(*job);
  }
}

void Worker::begin(const Job& job) {
  {
    const std::lock_guard lock(mutex_);
    current_ = Current{job.header.lineage.producer, job.header.sequence};
  }
  WorkerEvent started;
  started.header = job.header;
  shop_.events.put(std::move(started));
}

void Worker::finish(const Job& job) {
  WorkerEvent end = transform(job);
  progress_.end();
  ++counters_.batches;
  counters_.documents += count(job.header.share);
  counters_.bytes += job.payload.size();
  {
    const std::lock_guard lock(mutex_);
    current_.reset();
  }
  shop_.events.put(std::move(end));
  shop_.jobs.done();
}

Result<Chain*> Worker::chain_for(std::uint64_t revision) {
  const auto known = chains_.find(revision);
  if (known != chains_.end()) return &known->second;
  const auto definition = shop_.revisions.find(revision);
  if (definition == nullptr)
    return malformed(fmt::format("processors {:016x} are not known here", revision));
  auto chain = Chain::make(*definition, shop_.log);
  if (!chain) {
    return malformed(
        fmt::format("processors {:016x} cannot be made here: {}", revision, chain.error().text));
  }
  chain->tell(progress_);
  return &chains_.emplace(revision, std::move(*chain)).first->second;
}

WorkerEvent Worker::transform(const Job& job) {
  const BatchHeader& header = job.header;
  const std::string_view payload = job.payload.bytes();
  WorkerEvent end;
  end.kind = WorkerEvent::Kind::kReturned;
  end.header = header;
  const Result<Chain*> found =
      header.condemned ? Result<Chain*>(nullptr) : chain_for(header.processors);
  if (!found) {
    end.reason = ReturnReason::kUnknownProcessors;
    end.error = found.error().text;
    return end;
  }
  Chain* chain = *found;
  const std::uint64_t lossy = chain == nullptr ? 0 : chain->lossy();
  const std::string condemned = header.condemned ? condemned_text(header) : std::string();
  std::optional<Division> division;
  if (header.keyed) division.emplace(header, largest_payload(shop_.config.limits));
  PayloadWriter out;
  out.reserve(payload.size() + payload.size() / 2);
  PayloadReader reader(payload);
  Entry entry;
  bool has_room = true;
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
      chain->process(entry.index, entry.document, out);
    }
    if (!division) continue;
    division->add(entry.index, entry.document, out.bytes());
    WorkerEvent made;
    has_room = address(division->take_full(), made.messages) && has_room;
    if (made.messages.empty()) continue;
    made.kind = WorkerEvent::Kind::kMade;
    made.header = header;
    shop_.events.put(std::move(made));
  }
  if (chain != nullptr) counters_.lossy += chain->lossy() - lossy;
  if (!more) {
    end.reason = ReturnReason::kUnreadable;
    end.error = more.error().text;
    return end;
  }
  if (division) {
    has_room = address(division->take_rest(), end.messages) && has_room;
  } else {
    std::vector<Division::Message> whole;
    whole.push_back({owner_of(header.lineage, header.sequence, header.sinks), header, out.take()});
    has_room = address(std::move(whole), end.messages);
  }
  if (has_room) end.kind = WorkerEvent::Kind::kPassed;
  return end;
}

bool Worker::address(std::vector<Division::Message> messages, std::vector<SinkMessage>& out) {
  bool has_room = true;
  for (Division::Message& message : messages) {
    message.header.processed = true;
    message.header.member = 0;
    message.header.sink = message.sink;
    const std::size_t bytes = message.payload.size() + kMessageOverhead;
    if (!shop_.room.add(message.sink, bytes)) {
      has_room = false;
      continue;
    }
    out.push_back({message.sink, Frame::copy(encode(message.header, message.payload)),
                   Frame::share(std::make_shared<const std::string>(std::move(message.payload))),
                   bytes});
  }
  return has_room;
}

}  // namespace docmill

#include "transformer/raw_worker.h"

#include <fmt/format.h>

#include <chrono>

namespace docmill {
namespace {

// Who waits for a message has the lock; whoever else wants it is asked to stop meanwhile.
constexpr Duration kIdle = std::chrono::milliseconds(100);

}  // namespace

Result<std::unique_ptr<RawWorker>> RawWorker::open(Chain chain, RawLinks& links, Log& log) {
  auto wakeup = Wakeup::open();
  if (!wakeup) return wakeup.error();
  return std::unique_ptr<RawWorker>(
      new RawWorker(std::move(chain), links, std::move(*wakeup), log));
}

RawWorker::RawWorker(Chain chain, RawLinks& links, Wakeup wakeup, Log& log)
    : chain_(std::move(chain)), links_(links), wakeup_(std::move(wakeup)), log_(log) {
  chain_.tell(progress_);
}

RawWorker::~RawWorker() {
  ask_to_stop(Duration::zero());
  if (thread_.joinable()) thread_.join();
}

void RawWorker::start() {
  thread_ = std::thread([this] { run(); });
}

void RawWorker::ask_to_stop(Duration patience) {
  leave_by_ = (clock_.now() + patience).time_since_epoch().count();
  stopping_ = true;
  wakeup_.wake();
}

void RawWorker::run() {
  while (!drained_) {
    if (receive()) work();
  }
  ended_ = true;
}

bool RawWorker::is_overdue() const {
  return stopping_ && clock_.now().time_since_epoch().count() >= leave_by_;
}

// What the link holds goes with its next call, which may be another worker's.
bool RawWorker::receive() {
  const std::lock_guard lock(links_.receiving);
  drained_ = is_overdue();
  if (drained_) return false;
  RawIntake::Received received;
  const auto step = links_.intake.receive(received);
  if (step == RawIntake::Step::kDropped) return false;
  if (step == RawIntake::Step::kNone) {
    drained_ = stopping_;
    if (drained_) return false;
    poller_.clear();
    poller_.readable(links_.intake.socket());
    poller_.readable(wakeup_.fd());
    poller_.wait(kIdle);
    return false;
  }
  bytes_ = received.document.bytes;
  source_ = received.document.origin.source;
  notes_ = received.document.notes;
  reason_ = received.reason;
  document_ = received.document;
  document_.bytes = bytes_;
  document_.origin.source = source_;
  document_.notes = notes_;
  return true;
}

void RawWorker::work() {
  ++counters_.documents;
  counters_.bytes += bytes_.size();
  if (!reason_.empty()) return bury("transformer.input.zmq: " + reason_);
  const std::uint64_t lossy = chain_.lossy();
  progress_.begin(++index_);
  chain_.process(index_, document_, payload_);
  progress_.end();
  counters_.lossy += chain_.lossy() - lossy;
  pass_on(payload_.bytes());
  payload_.rewind({});
}

void RawWorker::pass_on(std::string_view payload) {
  PayloadReader reader(payload);
  Entry entry;
  for (auto more = reader.next(entry); more && *more; more = reader.next(entry)) {
    switch (entry.kind) {
      case EntryKind::kDead:
        bury(entry.reason);
        break;
      case EntryKind::kFiltered:
        ++counters_.filtered;
        break;
      case EntryKind::kDocument:
        ++(send(entry.document) ? counters_.sent : counters_.dropped);
        break;
      case EntryKind::kSource:
        break;
    }
  }
}

bool RawWorker::send(const DocumentView& document) {
  const std::lock_guard lock(links_.sending);
  while (!links_.outlet.send(document)) {
    if (is_overdue()) return false;
    poller_.clear();
    poller_.writable(links_.outlet.socket());
    poller_.wait(kIdle);
  }
  return true;
}

// Nobody keeps it: a transformer between raw links has no place for dead letters.
void RawWorker::bury(std::string_view reason) {
  ++counters_.dead;
  const std::string stage(reason.substr(0, reason.find(": ")));
  if (const auto held_back = throttle_.due(stage, clock_.now())) {
    log_.warn("document {} of {} is lost: {}{}", document_.origin.record, source_, reason,
              more_like_it(*held_back));
  }
}

}  // namespace docmill

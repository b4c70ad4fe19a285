#include "producer/spooled/spooled_source.h"

#include <fmt/format.h>

#include "producer/files/number_text.h"
#include "producer/spooled/spooled_document.h"

namespace docmill {
namespace {

class NoInlet final : public Inlet {
 public:
  Result<void> take_in(Spool&) override { return {}; }
  void kept() override {}
  bool ended() const override { return true; }
};

}  // namespace

std::optional<std::uint64_t> spooled_position(std::string_view position) {
  std::uint64_t number = 0;
  if (position.empty()) return number;
  if (!take_word(position, "spool") || !take_word(position, "1") ||
      !take_number(position, number) || !position.empty()) {
    return std::nullopt;
  }
  return number;
}

Result<std::unique_ptr<Source>> SpooledSource::open(std::unique_ptr<Inlet> inlet, Bytes room,
                                                    const SourceContext& context) {
  const auto read = spooled_position(context.position);
  if (!read) {
    return corrupt(
        fmt::format("producer.source: expected the position of a source with a spool, found '{}'; "
                    "use the source that wrote it until it has ended, or start over with --fresh",
                    context.position));
  }
  SpoolLimits limits;
  limits.bytes = room;
  auto spool = Spool::open(*context.disk, context.folder / "spool", limits, context.log);
  if (!spool) return spool.error();
  if (*read >= spool->next()) {
    return corrupt(fmt::format(
        "{}: expected the spool of which {} records were read, found one that ends before record "
        "{}; bring back the spool that was here, or start over with --fresh",
        (context.folder / "spool").string(), *read, spool->next()));
  }
  return std::unique_ptr<Source>(
      new SpooledSource(std::move(inlet), std::move(*spool), *read, context));
}

Result<std::unique_ptr<Source>> open_spool_alone(const SourceContext& context) {
  return SpooledSource::open(std::make_unique<NoInlet>(), SpoolLimits{}.bytes, context);
}

SpooledSource::SpooledSource(std::unique_ptr<Inlet> inlet, Spool spool, std::uint64_t read,
                             const SourceContext& context)
    : inlet_(std::move(inlet)),
      spool_(std::move(spool)),
      clock_(context.clock),
      log_(context.log),
      read_(read),
      earlier_(spool_.last()) {}

Result<Source::Next> SpooledSource::peek() {
  if (next_.state != State::kIdle) return next_;
  if (!caught_up_ && read_ >= earlier_) {
    next_.state = State::kCaughtUp;
    return next_;
  }
  const auto record = spool_.read(read_);
  if (!record) return record.error();
  if (*record) {
    buffer_ = (*record)->bytes;
    const auto given = document_of({(*record)->number, {}, buffer_});
    if (!given) return given.error();
    next_ = *given;
  } else if (!caught_up_) {
    read_ = earlier_;  // what is missing was damaged, and counted
    return peek();
  } else if ((draining_ || inlet_->ended()) && !unsynced_) {
    next_.state = State::kEnded;
  }
  return next_;
}

void SpooledSource::take() {
  if (next_.state == State::kEnded) return;
  if (next_.state == State::kCaughtUp) caught_up_ = true;
  if (next_.state == State::kDocument || next_.state == State::kDead) {
    read_ = next_.document.origin.record;
    inlet_->progress(settled_, read_);
  }
  next_ = {};
}

std::string SpooledSource::position() const { return fmt::format("spool 1 {}", read_); }

Result<void> SpooledSource::serve() {
  if (auto forgotten = forget_settled(); !forgotten) return forgotten;
  const Time now = clock_.now();
  if (now < next_try_) return {};
  if (unsynced_) return sync();
  if (draining_) return {};
  const std::uint64_t before = spool_.next();
  auto taken = inlet_->take_in(spool_);
  // Also what came in before an Error is in the group, and must not count as durable before it is.
  grown_ = grown_ || spool_.next() != before;
  if (!taken) {
    inlet_->paused();
    return taken;
  }
  if (grown_) return sync();
  inlet_->kept();  // of a repeated key, which is durable already
  return {};
}

Result<void> SpooledSource::sync() {
  auto synced = spool_.sync();
  unsynced_ = !synced.ok();
  if (synced) {
    grown_ = false;
    inlet_->kept();
    return {};
  }
  inlet_->paused();
  if (synced.error().code != ErrorCode::kUnavailable) return synced;
  const Time now = clock_.now();
  // What it writes, and so its text, may differ each time.
  if (const auto held_back = retries_said_.due("sync", now)) {
    log_.warn("{}; retry in {}{}", synced.error().text, to_string(kRetryFullDisk),
              more_like_it(*held_back));
  }
  next_try_ = now + kRetryFullDisk;
  return {};
}

bool SpooledSource::drain() {
  draining_ = true;
  inlet_->paused();
  return true;
}

// Syncs after each part, so that a full disk loses as little as possible.
Result<void> SpooledSource::take_rest(Time until) {
  for (bool more = true; more && !unsynced_;) {
    const std::uint64_t before = spool_.next();
    const auto taken = inlet_->take_rest(spool_, clock_.now() >= until);
    if (!taken) return taken.error();
    more = *taken;
    if (spool_.next() == before) continue;
    grown_ = true;
    if (auto synced = sync(); !synced) return synced;
  }
  return {};
}

Result<void> SpooledSource::settled(const std::string& position) {
  const auto number = spooled_position(position);
  if (!number || *number <= settled_) return {};
  settled_ = *number;
  inlet_->progress(settled_, read_);
  return forget_settled();
}

// The inlet may not be ready for it, and a full disk may be in the way: then later.
Result<void> SpooledSource::forget_settled() {
  const Time now = clock_.now();
  if (forgotten_ >= settled_ || now < next_forget_) return {};
  // may_forget() may use up the reserve of a full disk, so that it must make room for another one.
  if (!spool_.has_to_forget(settled_) || !inlet_->may_forget()) return {};
  auto forgotten = spool_.forget(settled_);
  if (forgotten) {
    forgotten_ = settled_;
  } else if (forgotten.error().code != ErrorCode::kUnavailable) {
    return forgotten;
  } else {
    next_forget_ = now + kRetryFullDisk;
  }
  return {};
}

}  // namespace docmill

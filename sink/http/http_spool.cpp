#include "sink/http/http_spool.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "shared/base/check.h"
#include "shared/store/folder.h"
#include "sink/dead_letters.h"
#include "sink/document_names.h"
#include "sink/http/http_document.h"

namespace docmill {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(200);
constexpr Duration kPositionEvery = std::chrono::milliseconds(200);
// After a disk without room, or a database that another program has locked.
constexpr Duration kPositionRetry = std::chrono::seconds(2);
// More than a few groups of the sink.
constexpr std::uint64_t kGroups = 64 << 20;
// Dead letters wait in memory for a commit, and are worth one at this size.
constexpr std::uint64_t kRefusedBytes = 1 << 20;

std::uint64_t size_on_disk(std::string_view record) { return kSpoolHeaderBytes + record.size(); }

}  // namespace

HttpSpool::HttpSpool(HttpSpoolConfig config, Spool spool, HttpDelivery delivery,
                     const OutputContext& context)
    : config_(std::move(config)),
      spool_(std::move(spool)),
      delivery_(std::move(delivery)),
      place_(context.place),
      clock_(*context.clock),
      log_(context.log),
      ledger_(context.ledger),
      dead_letters_(*context.dead_letters),
      life_(spool_.next()) {}

Result<std::unique_ptr<HttpSpool>> HttpSpool::open(HttpSpoolConfig config, HttpDelivery delivery,
                                                   const OutputContext& context) {
  const auto marks = context.ledger.spools();
  if (!marks) return marks.error();
  const std::string name = config.folder.filename();
  const auto known = std::find_if(marks->begin(), marks->end(),
                                  [&](const SpoolMark& mark) { return mark.spool == name; });
  const SpoolMark mark = known == marks->end() ? SpoolMark{} : *known;
  Disk& disk = context.ledger.disk();
  if (mark.totals.waiting > 0 && !is_there(disk, config.folder)) {
    return config_error(fmt::format(
        "{}: {}: expected the {} documents that wait in it, found no such folder; put it back, or "
        "start over with --fresh",
        context.place, config.folder.string(), mark.totals.waiting));
  }
  // The room is watched here (is_full); the spool's own limit is never reached. Keys are not
  // remembered: what comes again was not committed, and what was not committed is not sent.
  SpoolLimits limits;
  limits.bytes = {2 * config.room.count + kGroups};
  limits.segment = {config.room.count / 4};
  limits.keys = 0;
  auto spool = Spool::open(disk, config.folder, limits, context.log);
  if (!spool) return spool.error();
  std::unique_ptr<HttpSpool> opened(
      new HttpSpool(std::move(config), std::move(*spool), std::move(delivery), context));
  if (auto begun = opened->begin(mark); !begun) return begun.error();
  return opened;
}

Result<void> HttpSpool::begin(const SpoolMark& mark) {
  totals_ = mark.totals;
  totals_.waiting = 0;
  std::vector<SpoolRange> found;
  for (WaitingNumbers left(mark.waiting); !left.empty();) {
    auto record = spool_.read(left.read_after());
    if (!record) return record.error();
    const bool any = record->has_value();
    if (!left.take(any ? std::optional((*record)->number) : std::nullopt)) continue;
    append_range(found, {(*record)->number, (*record)->number});
    ++totals_.waiting;
    waiting_bytes_ += size_on_disk((*record)->bytes);
  }
  unread_ = WaitingNumbers(found);
  if (totals_.waiting > 0) {
    log_.info("{}: {} documents of an earlier run wait in {}", place_, totals_.waiting,
              config_.folder.string());
  }
  if (mark.totals.waiting > totals_.waiting) {
    const std::uint64_t lost = mark.totals.waiting - totals_.waiting;
    totals_.lost += lost;
    log_.error("{}: {}: expected {} documents that wait in it, found {}; the others are lost",
               place_, config_.folder.string(), mark.totals.waiting, totals_.waiting);
    // Before its numbers are given to others.
    if (auto kept = ledger_.put_spool(this->mark(0)); !kept) return kept;
  }
  committed_ = {first_number(this->mark(0)), delivered_};
  return forget();
}

HttpSpool::~HttpSpool() {
  if (totals_.waiting > 0) {
    log_.warn("{}: {} documents wait in {}; they are sent at the next start", place_,
              totals_.waiting, config_.folder.string());
  }
  // Without it some are sent again.
  next_position_ = {};
  static_cast<void>(commit_position());
}

void HttpSpool::add(const DocumentId& id, const DocumentView& document) {
  pending_.push_back({encode_spooled(id, document), added_++});
  pending_bytes_ += size_on_disk(pending_.back().record);
}

bool HttpSpool::full() const { return pending_bytes_ >= config_.room.count / 4; }

// A refused document leaves the spool with the commit of its dead letter, which is the commit of
// this group: so it takes no room, and the group is let in when only such documents are left, or
// many of them.
bool HttpSpool::is_full(const Pending& next) const {
  const bool progresses = totals_.waiting > refused_.size() && refused_bytes_ < kRefusedBytes;
  return progresses &&
         waiting_bytes_ + group_bytes_ + size_on_disk(next.record) > config_.room.count;
}

Result<void> HttpSpool::sync() {
  while (!pending_.empty()) {
    const Pending& first = pending_.front();
    const bool full = is_full(first);
    const auto appended =
        full ? Result<Spool::Appended>(unavailable("")) : spool_.append({}, first.record);
    if (!appended && appended.error().code == ErrorCode::kUnavailable) {
      if (!std::exchange(logged_full_, true)) {
        log_.warn("{}: {} is full; the pipeline waits for {} documents in it", place_,
                  config_.folder.string(), totals_.waiting);
      }
      if (auto progressed = progress(kPause); !progressed) return progressed;
      return unavailable("");
    }
    if (!appended && appended.error().code != ErrorCode::kMalformed) return appended.error();
    if (!appended) {
      rejected_.push_back({first.number, appended.error().text});
    } else {
      group_ = {group_ ? group_->first : appended->number, appended->number};
      ++group_documents_;
      group_bytes_ += size_on_disk(first.record);
    }
    pending_bytes_ -= size_on_disk(first.record);
    pending_.pop_front();
  }
  logged_full_ = false;
  return spool_.sync();
}

void HttpSpool::write_mark(Transaction& transaction) {
  SpoolMark next = mark(dead_letters_.synced());
  if (group_) append_range(next.waiting, *group_);
  next.totals.waiting += group_documents_;
  ledger_.put_spool(transaction, next);
  written_ = {first_number(next), delivered_};
}

Result<void> HttpSpool::settle() {
  if (group_) unread_.add(*group_, life_);
  totals_.waiting += std::exchange(group_documents_, 0);
  waiting_bytes_ += std::exchange(group_bytes_, 0);
  group_.reset();
  added_ = 0;
  while (!refused_.empty() && refused_.begin()->first <= dead_letters_.durable()) {
    const auto settled = under_way_.find(refused_.begin()->second);
    refused_bytes_ -= settled->second.size;
    under_way_.erase(settled);
    refused_.erase(refused_.begin());
    ++totals_.refused;
    --totals_.waiting;
  }
  committed_ = written_;
  next_position_ = clock_.now() + kPositionEvery;
  if (auto forgotten = forget(); !forgotten) return forgotten;
  return progress(Duration::zero());
}

Result<void> HttpSpool::progress(Duration wait) {
  if (auto read = read_ahead(); !read) return read;
  for (const HttpDelivery::Done& done : delivery_.turn(wait)) {
    if (done.rejected.empty()) {
      delivered(done.number);
    } else if (auto added = dead_letter(done); !added) {
      return added;
    }
  }
  if (auto read = read_ahead(); !read) return read;
  return commit_position();
}

Result<void> HttpSpool::read_ahead() {
  while (delivery_.wants_more()) {
    if (unread_.empty()) {
      delivery_.close();
      if (under_way_.empty()) count_lost();
      return {};
    }
    auto record = spool_.read(unread_.read_after());
    if (!record) return record.error();
    const bool any = record->has_value();
    if (!unread_.take(any ? std::optional((*record)->number) : std::nullopt)) continue;
    const std::string_view bytes = (*record)->bytes;
    const auto found = decode_spooled(bytes);
    if (!found) return found.error();
    const std::uint64_t number = (*record)->number;
    under_way_.emplace(number, UnderWay{size_on_disk(bytes), std::string(bytes), 0});
    delivery_.add(number, idempotency_key(found->id), content_type_of(found->document.format),
                  config_.each ? std::string(found->document.bytes)
                               : std::string(line_.write(found->document)));
  }
  return {};
}

// The disk lost them after the start; the spool has logged where.
void HttpSpool::count_lost() {
  if (totals_.waiting == 0) return;
  log_.error("{}: {}: {} documents could not be read any more; they are lost", place_,
             config_.folder.string(), totals_.waiting);
  totals_.lost += std::exchange(totals_.waiting, 0);
  waiting_bytes_ = 0;
  ++delivered_;
}

Result<void> HttpSpool::dead_letter(const HttpDelivery::Done& done) {
  UnderWay& refused = under_way_.at(done.number);
  // Not read again: the spool reads a segment from its start for that.
  const std::string record = std::exchange(refused.record, {});
  const auto found = decode_spooled(record);
  if (!found) return found.error();
  BatchHeader header;
  header.lineage = {std::string(found->id.producer), found->id.epoch};
  header.sequence = found->id.sequence;
  dead_letters_.add(header, {EntryKind::kDead, found->id.index, found->document, {}},
                    place_ + ": " + done.rejected);
  refused.dead_letter = dead_letters_.added();
  refused_.emplace(refused.dead_letter, done.number);
  refused_bytes_ += refused.size;
  waiting_bytes_ -= refused.size;
  return {};
}

void HttpSpool::delivered(std::uint64_t number) {
  const auto done = under_way_.find(number);
  waiting_bytes_ -= done->second.size;
  under_way_.erase(done);
  ++totals_.delivered;
  --totals_.waiting;
  ++delivered_;
}

SpoolMark HttpSpool::mark(std::uint64_t dead_letters) const {
  SpoolMark mark{config_.folder.filename(), config_.url, totals_, {}};
  for (const auto& [number, document] : under_way_) {
    if (document.dead_letter > 0 && document.dead_letter <= dead_letters) {
      ++mark.totals.refused;
      --mark.totals.waiting;
    } else {
      append_range(mark.waiting, {number, number});
    }
  }
  unread_.append_to(mark.waiting);
  return mark;
}

std::uint64_t HttpSpool::first_number(const SpoolMark& mark) const {
  return mark.waiting.empty() ? spool_.next() : mark.waiting.front().first;
}

// Beside the commits of the sink: they may be rare, and held up by a spool that is full.
Result<void> HttpSpool::commit_position() {
  if (delivered_ == committed_.delivered || clock_.now() < next_position_) return {};
  const SpoolMark next = mark(dead_letters_.durable());
  const auto kept = ledger_.put_spool(next);
  const bool later = !kept && kept.error().code == ErrorCode::kUnavailable;
  next_position_ = clock_.now() + (later ? kPositionRetry : kPositionEvery);
  if (later) return {};
  if (!kept) return kept;
  committed_ = {group_ && next.waiting.empty() ? group_->first : first_number(next), delivered_};
  return forget();
}

// Without room for another segment it waits for room; nothing depends on it.
Result<void> HttpSpool::forget() {
  DOCMILL_CHECK(committed_.first > 0, "settled without a commit");
  const auto forgotten = spool_.forget(committed_.first - 1);
  if (forgotten || forgotten.error().code == ErrorCode::kUnavailable) return {};
  return forgotten;
}

}  // namespace docmill

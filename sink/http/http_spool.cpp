#include "sink/http/http_spool.h"

#include <fmt/format.h>

#include <chrono>

#include "shared/base/check.h"
#include "sink/dead_letters.h"
#include "sink/document_names.h"
#include "sink/http/http_document.h"

namespace docmill {
namespace {

constexpr Duration kPositionEvery = std::chrono::milliseconds(200);
// After a disk without room, or a database that another program has locked.
constexpr Duration kPositionRetry = std::chrono::seconds(2);
// Dead letters wait in memory for a commit, and are worth one at this size.
constexpr std::uint64_t kRefusedBytes = 1 << 20;
// On disk, beyond twice the room: groups that a crash left behind, without a commit.
constexpr std::uint64_t kLeftBehindBytes = 64 << 20;

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
  pending_.push_back(encode_spooled(id, document));
  pending_bytes_ += size_on_disk(pending_.back());
}

bool HttpSpool::full() const { return pending_bytes_ >= config_.room.count / 4; }

// Refused documents take no room: a commit of their dead letters, of this group or without it,
// removes them. A spool with nothing else in it takes a group of any size.
bool HttpSpool::is_full(std::string_view next) const {
  if (totals_.waiting == refused_.size()) return false;
  const std::uint64_t size = size_on_disk(next);
  return waiting_bytes_ + group_bytes_ + size > config_.room.count ||
         spool_.bytes() + size > 2 * config_.room.count + kLeftBehindBytes;
}

bool HttpSpool::needs_commit() const {
  return !refused_.empty() && (lacks_room_ || refused_bytes_ >= kRefusedBytes);
}

Result<void> HttpSpool::sync() {
  auto written = write_group();
  lacks_room_ =
      !written && written.error().code == ErrorCode::kUnavailable && !written.error().text.empty();
  return written;
}

Result<void> HttpSpool::write_group() {
  while (!pending_.empty()) {
    const std::string& first = pending_.front();
    if (is_full(first)) {
      if (!std::exchange(logged_full_, true)) log_full();
      if (auto progressed = progress(); !progressed) return progressed;
      return unavailable("");
    }
    const auto appended = spool_.append({}, first);
    if (!appended) return appended.error();
    group_ = {group_ ? group_->first : appended->number, appended->number};
    ++group_documents_;
    group_bytes_ += size_on_disk(first);
    pending_bytes_ -= size_on_disk(first);
    pending_.pop_front();
  }
  logged_full_ = false;
  return spool_.sync();
}

void HttpSpool::log_full() {
  const auto held_back = full_said_.due("", clock_.now());
  if (!held_back) return;
  log_.warn("{}: {} is full; the pipeline waits for {} documents in it{}", place_,
            config_.folder.string(), totals_.waiting, more_like_it(*held_back));
}

void HttpSpool::write_mark(Transaction& transaction, Spilling::Group group) {
  SpoolMark next = mark(dead_letters_.spilled().synced);
  const bool with_group = group == Spilling::Group::kWith;
  if (with_group) {
    if (group_) append_range(next.waiting, *group_);
    next.totals.waiting += group_documents_;
  }
  ledger_.put_spool(transaction, next);
  written_ = Position{first_number(next), delivered_, with_group};
}

void HttpSpool::committed() {
  DOCMILL_CHECK(written_, "{}: committed without a mark", place_);
  if (written_->group) {
    if (group_) unread_.add(*group_, life_);
    totals_.waiting += std::exchange(group_documents_, 0);
    waiting_bytes_ += std::exchange(group_bytes_, 0);
    group_.reset();
  }
  while (!refused_.empty() && refused_.begin()->first <= dead_letters_.spilled().durable) {
    const auto settled = under_way_.find(refused_.begin()->second);
    refused_bytes_ -= settled->second.size;
    under_way_.erase(settled);
    refused_.erase(refused_.begin());
    ++totals_.refused;
    --totals_.waiting;
  }
  committed_ = *std::exchange(written_, std::nullopt);
  next_position_ = clock_.now() + kPositionEvery;
}

Result<void> HttpSpool::settle() {
  if (auto forgotten = forget(); !forgotten) return forgotten;
  const auto progressed = progress();
  // It does not concern the group; serve() comes upon it again.
  if (!progressed && progressed.error().code == ErrorCode::kUnavailable) return {};
  return progressed;
}

Result<void> HttpSpool::progress() {
  auto read = read_ahead();
  // Without a free descriptor, say. What was read before goes its way.
  if (!read && read.error().code != ErrorCode::kUnavailable) return read;
  for (const HttpDelivery::Done& done : delivery_.turn(Duration::zero())) {
    if (done.rejected.empty()) {
      delivered(done.number);
    } else if (auto added = dead_letter(done); !added) {
      return added;
    }
  }
  if (read) read = read_ahead();
  if (auto kept = commit_position(); !kept) return kept;
  return read;
}

Result<void> HttpSpool::read_ahead() {
  while (delivery_.wants_more()) {
    // Dead letters stay in memory until a commit has them.
    if (unread_.empty() || refused_bytes_ >= kRefusedBytes) {
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
  refused.dead_letter =
      dead_letters_.add_spilled(header, {EntryKind::kDead, found->id.index, found->document, {}},
                                place_ + ": " + done.rejected);
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
  if (!mark.waiting.empty()) return mark.waiting.front().first;
  return group_ ? group_->first : spool_.next();
}

// Beside the commits of the sink: they may be rare, and held up by a spool that is full.
Result<void> HttpSpool::commit_position() {
  if (written_ || delivered_ == committed_.delivered || clock_.now() < next_position_) return {};
  const SpoolMark next = mark(dead_letters_.spilled().durable);
  const auto kept = ledger_.put_spool(next);
  const bool later = !kept && kept.error().code == ErrorCode::kUnavailable;
  next_position_ = clock_.now() + (later ? kPositionRetry : kPositionEvery);
  if (later) log_retry(kept.error());
  if (later) return {};
  if (!kept) return kept;
  committed_ = {first_number(next), delivered_};
  return forget();
}

// Without room for another segment it waits for room; nothing depends on it.
Result<void> HttpSpool::forget() {
  DOCMILL_CHECK(committed_.first > 0, "settled without a commit");
  const auto forgotten = spool_.forget(committed_.first - 1);
  if (forgotten || forgotten.error().code == ErrorCode::kUnavailable) return {};
  return forgotten;
}

void HttpSpool::log_retry(const Error& error) {
  if (const auto held_back = retries_said_.due(error.text, clock_.now())) {
    log_.warn("{}: {}; retry in {}{}", place_, error.text, to_string(kPositionRetry),
              more_like_it(*held_back));
  }
}

}  // namespace docmill

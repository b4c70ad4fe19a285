#include "sink/http/http_spool.h"

#include <chrono>
#include <fstream>

#include "sink/dead_letters.h"
#include "sink/document_names.h"
#include "sink/http/http_document.h"

namespace docmill {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(200);
constexpr Duration kKeepEvery = std::chrono::milliseconds(200);
// More than a few groups of the sink.
constexpr std::uint64_t kGroups = 64 << 20;
constexpr std::string_view kPosition = "answered";

// On disk.
std::uint64_t size_of(std::string_view key, std::string_view record) {
  return kSpoolHeaderBytes + key.size() + record.size();
}

}  // namespace

HttpSpool::HttpSpool(std::filesystem::path folder, Spool spool, Bytes room, bool each,
                     HttpDelivery delivery, const OutputContext& context)
    : folder_(std::move(folder)),
      spool_(std::move(spool)),
      room_(room),
      each_(each),
      delivery_(std::move(delivery)),
      place_(context.place),
      clock_(*context.clock),
      log_(context.log),
      dead_letters_(*context.dead_letters) {}

Result<std::unique_ptr<HttpSpool>> HttpSpool::open(const std::filesystem::path& folder, Bytes room,
                                                   bool each, HttpDelivery delivery,
                                                   const OutputContext& context) {
  // Room is our own to watch (is_full); the spool's limit is only what must never happen.
  SpoolLimits limits;
  limits.bytes = {2 * room.count + kGroups};
  limits.segment = {room.count / 4};
  auto spool = Spool::open(context.ledger.disk(), folder, limits, context.log);
  if (!spool) return spool.error();
  std::unique_ptr<HttpSpool> opened(
      new HttpSpool(folder, std::move(*spool), room, each, std::move(delivery), context));
  if (auto begun = opened->begin(); !begun) return begun.error();
  return opened;
}

Result<void> HttpSpool::begin() {
  std::ifstream(folder_ / kPosition) >> answered_;
  // Of another spool, or cut off by a power cut: then all of it is sent again.
  if (answered_ >= spool_.next()) answered_ = 0;
  kept_ = answered_;
  kept_waiting_ = waiting_in(folder_);
  for (std::uint64_t at = answered_;; ++waiting_) {
    auto record = spool_.read(at);
    if (!record) return record.error();
    if (!*record) break;
    at = (*record)->number;
    waiting_bytes_ += size_of((*record)->key, (*record)->bytes);
  }
  read_ = answered_;
  if (waiting_ > 0) {
    log_.info("{}: {} documents of an earlier run wait in {}", place_, waiting_, folder_.string());
  }
  return {};
}

HttpSpool::~HttpSpool() {
  if (waiting_ > 0) {
    log_.warn("{}: {} documents wait in {}; they are sent at the next start", place_, waiting_,
              folder_.string());
  }
  // What was not done with is sent again.
  if (move_on()) keep_position();
}

std::uint64_t HttpSpool::waiting_in(const std::filesystem::path& folder) {
  std::uint64_t answered = 0;
  std::uint64_t waiting = 0;
  std::ifstream(folder / kPosition) >> answered >> waiting;
  return waiting;
}

void HttpSpool::add(const DocumentId& id, const DocumentView& document) {
  pending_.push_back({idempotency_key(id), encode_spooled(id, document), group_++});
}

// Dead letters need a commit before what is behind them can leave; so a group that they wait for is
// never held up.
bool HttpSpool::is_full(const Pending& next) const {
  return waiting_ > 0 && buried_.empty() &&
         waiting_bytes_ + size_of(next.key, next.record) > room_.count;
}

Result<void> HttpSpool::sync() {
  while (!pending_.empty()) {
    const Pending& first = pending_.front();
    const bool full = is_full(first);
    const auto appended =
        full ? Result<Spool::Appended>(unavailable("")) : spool_.append(first.key, first.record);
    if (!appended && appended.error().code == ErrorCode::kUnavailable) {
      if (!std::exchange(said_full_, true)) {
        log_.warn("{}: {} is full; the pipeline waits for {} documents in it", place_,
                  folder_.string(), waiting_);
      }
      if (auto synced = spool_.sync(); !synced) return synced;
      if (auto gone_on = go_on(kPause); !gone_on) return gone_on;
      return unavailable("");
    }
    if (!appended && appended.error().code != ErrorCode::kMalformed) return appended.error();
    if (!appended) rejected_.push_back({first.number, appended.error().text});
    // One that is there already was not committed before the last run ended.
    if (appended && appended->is_new) {
      ++waiting_;
      waiting_bytes_ += size_of(first.key, first.record);
    }
    pending_.pop_front();
  }
  said_full_ = false;
  if (auto synced = spool_.sync(); !synced) return synced;
  return go_on(Duration::zero());
}

Result<void> HttpSpool::settle() {
  group_ = 0;
  while (!buried_.empty() && buried_.begin()->first <= dead_letters_.durable()) {
    done_with(buried_.begin()->second);
    buried_.erase(buried_.begin());
  }
  return move_on();
}

Result<void> HttpSpool::go_on(Duration wait) {
  if (auto read = read_ahead(); !read) return read;
  for (const HttpDelivery::Done& done : delivery_.turn(wait)) {
    if (!done.rejected.empty()) {
      if (auto buried = bury(done); !buried) return buried;
      continue;
    }
    done_with(done.number);
  }
  if (auto read = read_ahead(); !read) return read;
  return move_on();
}

Result<void> HttpSpool::read_ahead() {
  while (delivery_.wants_more()) {
    auto record = spool_.read(read_);
    if (!record) return record.error();
    if (!*record) {
      delivery_.close();
      return {};
    }
    const auto found = decode_spooled((*record)->bytes);
    if (!found) return found.error();
    read_ = (*record)->number;
    under_way_.emplace(
        read_, UnderWay{size_of((*record)->key, (*record)->bytes), std::string((*record)->bytes)});
    delivery_.add(
        read_, idempotency_key(found->id), content_type_of(found->document.format),
        each_ ? std::string(found->document.bytes) : std::string(line_.write(found->document)));
  }
  return {};
}

Result<void> HttpSpool::bury(const HttpDelivery::Done& done) {
  // Not read again: the spool goes through a segment from its beginning for that.
  const std::string record = std::exchange(under_way_.at(done.number).record, {});
  const auto found = decode_spooled(record);
  if (!found) return found.error();
  BatchHeader header;
  header.lineage = {std::string(found->id.producer), found->id.epoch};
  header.sequence = found->id.sequence;
  dead_letters_.add(header, {EntryKind::kDead, found->id.index, found->document, {}},
                    place_ + ": " + done.rejected);
  buried_.emplace(dead_letters_.added(), done.number);
  return {};
}

void HttpSpool::done_with(std::uint64_t number) {
  const auto done = under_way_.find(number);
  --waiting_;
  waiting_bytes_ -= done->second.size;
  under_way_.erase(done);
}

Result<void> HttpSpool::move_on() {
  const std::uint64_t answered = under_way_.empty() ? read_ : under_way_.begin()->first - 1;
  if (answered > answered_) {
    answered_ = answered;
    const auto forgotten = spool_.forget(answered_);
    // No room for another segment: there will be, and nothing depends on it.
    if (!forgotten && forgotten.error().code != ErrorCode::kUnavailable) return forgotten;
  }
  if (answered_ != kept_ && clock_.now() >= next_keep_) keep_position();
  return {};
}

// Not synced: it may lag.
void HttpSpool::keep_position() {
  if (answered_ == kept_ && waiting_ == kept_waiting_) return;
  next_keep_ = clock_.now() + kKeepEvery;
  const std::filesystem::path path = folder_ / kPosition;
  const std::string begun = path.string() + ".new";
  std::ofstream file(begun, std::ios::trunc);
  file << answered_ << ' ' << waiting_ << '\n';
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(begun, path, failed);
  if (!file || failed) return;
  kept_ = answered_;
  kept_waiting_ = waiting_;
}

}  // namespace docmill

// How an HttpSpool begins: with what an earlier life of the sink has left in it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "shared/store/folder.h"
#include "sink/http/http_spool.h"

namespace docmill {

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
  // is_full() limits the spool: a group may be larger than the room, and a limit of the spool would
  // then keep it out for good. Keys are not remembered: what comes again was not committed, and
  // what was not committed is not sent.
  SpoolLimits limits;
  limits.bytes = {std::numeric_limits<std::uint64_t>::max()};
  limits.segment = {std::min(kSpoolSegmentBytes, config.room.count / 4)};
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

}  // namespace docmill

#include "sink/segments/segmented_file.h"

#include <fmt/format.h>

#include <tuple>

#include "shared/base/check.h"
#include "shared/config/pipeline.h"
#include "shared/store/folder.h"
#include "sink/files.h"
#include "sink/segments/rename.h"

namespace docmill {
namespace {

std::string open_name(const std::string& name) { return name + std::string(kOpenSuffix); }

}  // namespace

SegmentedFile::SegmentedFile(SegmentNames names, const SegmentSettings& settings,
                             const Framing& framing, Disk& disk, Log& log)
    : names_(std::move(names)),
      settings_(settings),
      framing_(framing),
      disk_(disk),
      log_(log),
      packer_(make_packer(settings.compress)) {}

Result<SegmentedFile> SegmentedFile::open(const SegmentSettings& settings, const Framing& framing,
                                          const OutputContext& context) {
  const std::string path = expand(settings.path, "sink", context.sink).string();
  SegmentedFile file(SegmentNames(path, settings.rotate.has_value(), settings.compress), settings,
                     framing, context.ledger.disk(), context.log);
  if (file.is_plain()) {
    auto opened = open_sink_file(settings.path, context);
    if (!opened) return opened.error();
    file.file_ = std::move(*opened);
    return file;
  }
  if (auto resumed = file.resume(context.ledger); !resumed) return resumed.error();
  return file;
}

Result<void> SegmentedFile::resume(LedgerStore& ledger) {
  const auto marks = ledger.marks();
  if (!marks) return marks.error();
  const FileMark* last = nullptr;
  const FileMark* before = nullptr;
  std::uint64_t before_number = 0;
  number_ = 0;
  for (const FileMark& mark : *marks) {
    const auto segment = names_.parse(mark.path);
    if (!segment) continue;
    if (segment->number > number_) {
      std::tie(before, before_number) = std::pair(last, number_);
      std::tie(last, number_) = std::pair(&mark, segment->number);
    } else if (segment->number > before_number) {
      std::tie(before, before_number) = std::pair(&mark, segment->number);
    }
  }
  if (before != nullptr && is_there(disk_, open_name(before->path))) {
    if (auto renamed = rename_new(disk_, open_name(before->path), before->path); !renamed)
      return renamed;
  }
  // None yet, or written with other settings: then the next one is another one.
  const bool goes_on = last != nullptr && last->path == names_.name(number_) &&
                       (is_there(disk_, open_name(last->path)) || !is_there(disk_, last->path));
  if (goes_on) return open_segment(last->length);
  if (last != nullptr) {
    if (auto ended = end_as_it_is(ledger, *last); !ended) return ended;
  }
  ++number_;
  const std::string begun = open_name(names_.name(number_));
  FileFacts there;
  if (disk_.look_at(Disk::kHere, begun, there) == 0 && there.kind == FileFacts::Kind::kFile &&
      there.size == 0) {
    return corrupt(
        fmt::format("{}: an empty file that this sink's ledger does not know; put back the state "
                    "folder that it belongs to, or move it away",
                    begun));
  }
  // In the ledger before its first byte, or a crash would leave bytes that nobody knows.
  if (auto put = ledger.put({{names_.name(number_), 0}}); !put) return put;
  return open_segment(std::nullopt);
}

// A segment that was begun with other settings: its end belongs to what they were.
Result<void> SegmentedFile::end_as_it_is(LedgerStore& ledger, const FileMark& mark) {
  const std::string open = open_name(mark.path);
  if (mark.length == 0) {
    disk_.remove(Disk::kHere, open);
    return {};
  }
  // Written without `.open` it is whole; only what was not committed goes.
  auto file = AppendFile::open(disk_, is_there(disk_, open) ? open : mark.path, mark.length);
  if (!file) return file.error();
  if (file->path() == mark.path) return {};
  if (!framing_.end.empty()) {
    packed_.clear();
    const auto packer = make_packer(names_.parse(mark.path)->packing);
    if (packer) packer->pack(framing_.end, packed_);
    file->append(packer ? std::string_view(packed_) : framing_.end);
    if (auto synced = file->sync(); !synced) return synced;
    // A crash before this cuts the end off, and it is written again.
    if (auto put = ledger.put({{mark.path, file->length()}, {names_.name(number_ + 1), 0}}); !put)
      return put;
  }
  return rename_new(disk_, open, mark.path);
}

Result<void> SegmentedFile::open_segment(std::optional<std::uint64_t> committed) {
  const std::string name = names_.name(number_);
  if (is_there(disk_, name)) {
    return corrupt(
        fmt::format("{}: a file that this sink's ledger does not know; put back the state folder "
                    "that it belongs to, or move it away",
                    name));
  }
  auto file = AppendFile::open(disk_, open_name(name), committed);
  if (!file) return file.error();
  if (file->cut() > 0) {
    log_.info("{}: cut back by {} bytes that were not committed; they are written again",
              file->path(), file->cut());
  }
  size_ = file->length();
  file_ = std::move(*file);
  return {};
}

void SegmentedFile::close_empty() {
  disk_.remove(Disk::kHere, file_->path());
  file_.reset();
}

void SegmentedFile::begin_document() {
  DOCMILL_CHECK(file_, "{} was closed", names_.name(number_));
  append(size_ == 0 && group_.empty() ? framing_.begin : framing_.between);
}

Result<void> SegmentedFile::sync() {
  if (!file_) return {};
  const auto pack_group = [this] {
    packed_.clear();
    packer_->pack(group_, packed_);
    group_.clear();
    size_ += packed_.size();
    file_->append(packed_);
  };
  if (!group_.empty()) pack_group();
  const bool full = settings_.rotate && size_ >= settings_.rotate->size.count;
  if (!ended_ && size_ > 0 && !is_plain() && (end_asked_ || full)) {
    append(framing_.end);
    if (!group_.empty()) pack_group();
    ended_ = true;
  }
  return file_->sync();
}

void SegmentedFile::marks(std::vector<FileMark>& out) const {
  if (!file_) return;
  if (is_plain()) return out.push_back(file_->mark());
  out.push_back({names_.name(number_), file_->length()});
  if (ended_) out.push_back({names_.name(number_ + 1), 0});
}

Result<void> SegmentedFile::settle() {
  if (ended_) {
    const std::string name = names_.name(number_);
    if (auto renamed = rename_new(disk_, open_name(name), name); !renamed) return renamed;
    ++number_;
    file_.reset();
    began_.reset();
    end_asked_ = ended_ = false;
  }
  return file_ || stopping_ ? Result<void>() : open_segment(0);
}

bool SegmentedFile::due(Time now, bool stopping) {
  stopping_ = stopping;
  if (is_plain() || !file_) return false;
  if (size_ == 0 && group_.empty()) {
    // Nobody is to find a file without anything in it.
    if (stopping) close_empty();
    return false;
  }
  if (!began_) began_ = now;
  const Duration every = settings_.rotate ? settings_.rotate->every : Duration::zero();
  end_asked_ = stopping || (every > Duration::zero() && now - *began_ >= every);
  return end_asked_;
}

}  // namespace docmill

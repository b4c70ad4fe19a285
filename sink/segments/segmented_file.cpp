#include "sink/segments/segmented_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "shared/base/check.h"
#include "shared/config/pipeline.h"
#include "shared/store/file_owner.h"
#include "shared/store/folder.h"
#include "sink/files.h"
#include "sink/segments/segment_end.h"

namespace docmill {
namespace {

FileMark mark_of(const std::vector<FileMark>& marks, const std::string& path) {
  const auto found = std::find_if(marks.begin(), marks.end(),
                                  [&](const FileMark& mark) { return mark.path == path; });
  return found == marks.end() ? FileMark{path, 0} : *found;
}

}  // namespace

SegmentedFile::SegmentedFile(std::string path, const SegmentSettings& settings,
                             const Framing& framing, const OutputContext& context)
    : path_(std::move(path)),
      names_(path_, settings.rotate.has_value(), settings.compress),
      settings_(settings),
      framing_(framing),
      ledger_(context.ledger),
      disk_(context.ledger.disk()),
      log_(context.log),
      packer_(make_packer(settings.compress)) {}

Result<SegmentedFile> SegmentedFile::open(const SegmentSettings& settings, const Framing& framing,
                                          const OutputContext& context) {
  SegmentedFile file(expand(settings.path, "sink", context.sink).string(), settings, framing,
                     context);
  if (file.is_plain()) {
    auto opened = open_sink_file(settings.path, context);
    if (!opened) return opened.error();
    file.file_ = std::move(*opened);
    return file;
  }
  if (auto resumed = file.resume(); !resumed) return resumed.error();
  return file;
}

SegmentMark SegmentedFile::segment(std::uint64_t number) const {
  return {names_.name(number), path_, std::string(framing_.kind),
          std::string(word_of(settings_.compress)), std::string(framing_.end)};
}

bool SegmentedFile::continues(const SegmentMark& one) const {
  return !one.ended && one == segment(names_.parse(one.path).value_or(0));
}

Result<void> SegmentedFile::resume() {
  const auto marks = ledger_.marks();
  if (!marks) return marks.error();
  const auto segments = ledger_.segments();
  if (!segments) return segments.error();
  // A length of 0: the number was announced, and no file has it yet.
  for (const FileMark& mark : *marks) {
    if (mark.length > 0) number_ = std::max(number_, names_.parse(mark.path).value_or(0));
  }
  if (const FileMark mark = mark_of(*marks, path_); mark.growth == FileGrowth::kPlain) {
    if (auto cut = cut_plain(mark); !cut) return cut;
  }
  const SegmentMark* current = nullptr;
  bool is_new = true;
  for (const SegmentMark& one : *segments) {
    if (one.output != path_) continue;
    is_new = false;
    if (continues(one)) {
      current = &one;
      continue;
    }
    const auto ended = end_segment(ledger_, one, mark_of(*marks, one.path), log_);
    if (!ended) return ended.error();
    number_ = std::max(number_, *ended);
    if (auto done = ledger_.forget_segment(named_); !done) return done;
    named_ = one.path;  // forgotten with the begin of the next one
  }
  if (is_new) return resume_without_segments(*marks);
  if (current == nullptr) return begin_segment(number_ + 1);
  if (auto done = ledger_.forget_segment(std::exchange(named_, "")); !done) return done;
  return continue_segment(mark_of(*marks, current->path));
}

Result<void> SegmentedFile::continue_segment(const FileMark& mark) {
  const std::uint64_t number = *names_.parse(mark.path);
  if (mark.length > 0) return open_segment(number, mark);
  // It was empty when the sink stopped, so its file was removed, and its names were free.
  const auto ours = is_ours(disk_, open_name(mark.path), mark);
  if (!ours) return ours.error();
  const bool taken =
      !*ours && (is_there(disk_, mark.path) || is_there(disk_, open_name(mark.path)));
  if (!taken) return open_segment(number, mark);
  named_ = mark.path;
  return begin_segment(number);
}

Result<void> SegmentedFile::cut_plain(const FileMark& mark) {
  const auto ours = is_ours(disk_, mark.path, mark);
  if (!ours) return ours.error();
  if (!*ours) return {};
  auto file = AppendFile::open(disk_, mark.path, mark);
  if (!file) return file.error();
  if (file->uncommitted() > 0) {
    log_.info("{}: cut back by {} bytes that were not committed; they are written again", mark.path,
              file->uncommitted());
  }
  if (auto cut = file->cut_back(); !cut) return cut;
  // From here on it is its readers', who may add to it or empty it.
  FileMark former = file->mark();
  former.growth = FileGrowth::kFormer;
  if (auto kept = ledger_.put({former}); !kept) return kept;
  number_ = std::max<std::uint64_t>(number_, 1);
  return {};
}

Result<void> SegmentedFile::resume_without_segments(const std::vector<FileMark>& marks) {
  const FileMark* last = nullptr;
  std::uint64_t last_number = 0;
  for (const FileMark& mark : marks) {
    // A plain file is cut_plain()'s, also when it was taken away.
    if (mark.file.known() && mark.growth == FileGrowth::kPlain) continue;
    const std::uint64_t number = names_.parse(mark.path).value_or(0);
    if (number > last_number) std::tie(last, last_number) = std::pair(&mark, number);
  }
  const auto adopt = [&](const FileMark& mark, bool ended) -> Result<void> {
    SegmentMark one = segment(0);
    one.path = mark.path;
    one.ended = ended;
    if (ended || !continues(one)) {
      const auto done = end_segment(ledger_, one, mark, log_);
      return done ? Result<void>() : done.error();
    }
    if (auto begun = ledger_.begin_segment(one, ""); !begun) return begun;
    return open_segment(*names_.parse(mark.path), mark);
  };
  bool grows = false;
  for (const FileMark& mark : marks) {
    if (!names_.parse(mark.path)) continue;
    const auto unnamed = is_ours(disk_, open_name(mark.path), mark);
    if (!unnamed) return unnamed.error();
    if (&mark == last) grows = *unnamed;
    if (&mark == last || !*unnamed) continue;
    if (auto named = adopt(mark, true); !named) return named;
  }
  const auto plain = std::find_if(marks.begin(), marks.end(),
                                  [&](const FileMark& mark) { return mark.path == path_; });
  const bool vanished = last != nullptr && last->length > 0 && !is_there(disk_, last->path);
  if (grows || vanished) {
    if (auto adopted = adopt(*last, false); !adopted || file_) return adopted;
  } else if (plain != marks.end() && !plain->file.known() &&
             (last == nullptr || last->path == path_)) {
    if (auto cut = cut_plain(*plain); !cut) return cut;
  }
  return begin_segment(number_ + 1);
}

Result<void> SegmentedFile::begin_segment(std::uint64_t number) {
  if (begun_ != number) {
    const auto is_taken = [this](const std::string& name) {
      return is_there(disk_, name) || is_there(disk_, open_name(name));
    };
    const std::string first = names_.name(number);
    // The files of a state folder that was lost, rather than one that took the name since.
    if (number == 1 && named_.empty() && is_taken(first)) {
      return corrupt(
          fmt::format("{}: a file that this sink's ledger does not know; put back the state folder "
                      "that it belongs to, or move it away",
                      is_there(disk_, first) ? first : open_name(first)));
    }
    while (is_taken(names_.name(number))) {
      log_.warn("{}: a file that this sink's ledger does not know has this name; it is not used",
                names_.name(number));
      ++number;
    }
    if (auto put = ledger_.begin_segment(segment(number), named_); !put) return put;
    named_.clear();
    number_ = number - 1;  // a call that finds no descriptor is repeated with this number
    begun_ = number;
  }
  return open_segment(number, {names_.name(number), 0});
}

Result<void> SegmentedFile::open_segment(std::uint64_t number, const FileMark& mark) {
  auto file = AppendFile::open(disk_, open_name(names_.name(number)), mark);
  if (!file) return file.error();
  // Before its first byte, or a crash would leave bytes that might be anybody's.
  if (const FileMark made = segment_mark(*file, names_.name(number)); made.file != mark.file) {
    if (auto put = ledger_.put({made}); !put) return put;
  }
  if (file->uncommitted() > 0) {
    // The last process was ended while it ended the file, and there is no document to keep.
    std::string end = end_of(segment(number));
    end.resize(std::min<std::size_t>(end.size(), file->uncommitted()));
    const auto only_end = has_bytes(disk_, file->path(), file->length(), end);
    if (!only_end) return only_end.error();
    if (*only_end && end.size() == file->uncommitted()) file->on_current_ledger();
  }
  report_uncommitted(*file, log_);
  number_ = number;
  size_ = file->length();
  file_ = std::move(*file);
  return {};
}

void SegmentedFile::close_empty() {
  // Not a file that has taken its place since.
  const auto ours = is_ours(disk_, file_->path(), file_->mark());
  if (ours && *ours) disk_.remove(Disk::kHere, file_->path());
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
  if (!ended_ && size_ > 0 && !is_plain() && !waits_for_ledger() && (end_asked_ || full)) {
    append(framing_.end);
    if (!group_.empty()) pack_group();
    ended_ = true;
  }
  return file_->sync();
}

void SegmentedFile::marks(std::vector<FileMark>& out) const {
  if (!file_) return;
  if (is_plain()) return out.push_back(file_->mark());
  out.push_back(segment_mark(*file_, names_.name(number_)));
  out.back().ended = ended_;
  if (ended_) out.push_back({names_.name(number_ + 1), 0});
}

Result<void> SegmentedFile::settle() {
  if (ended_) {
    const auto named =
        name_segment(ledger_, names_, number_, segment_mark(*file_, names_.name(number_)), log_);
    if (!named) return named.error();
    named_ = names_.name(number_);
    number_ = *named;
    file_.reset();
    began_.reset();
    end_asked_ = ended_ = false;
  }
  return file_ || stopping_ ? Result<void>() : begin_segment(number_ + 1);
}

bool SegmentedFile::due(Time now, bool stopping) {
  stopping_ = stopping;
  if (is_plain() || !file_ || waits_for_ledger()) return false;
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

#include "producer/files/split_file.h"

namespace docmill {
SplitFile::SplitFile(FileReader reader, const FilePosition& from, const SplitPath& path,
                     const LimitsConfig& limits, std::size_t chunk)
    : reader_(std::move(reader)), after_(from), path_(path), limits_(limits), chunk_(chunk) {}

Result<FileStep> SplitFile::next(Source::Next& next) {
  reader_.begin_step();
  while (true) {
    const Result<FileStep> stepped = step(next);
    if (!stepped || *stepped != FileStep::kDocument) return stepped;
    if (seen_ <= after_.record) continue;
    after_.record = seen_;
    note_after();
    return FileStep::kDocument;
  }
}

Result<FileStep> SplitFile::cut(Source::Next& next) {
  record_ = {};
  while (!splitter_->next(record_)) {
    if (!failure_.empty()) return give_rest(next);
    if (at_end_) return FileStep::kEnd;
    const Result<bool> fed = feed();
    if (!fed) return fed.error();
    if (!*fed) return FileStep::kBusy;
  }
  ++seen_;
  hashing_ = record_.oversize && seen_ > after_.record;
  return FileStep::kDocument;
}

Result<FileStep> SplitFile::step(Source::Next& next) {
  if (splitter_ == nullptr) {
    const Result<bool> begun = begin();
    if (!begun) return begun.error();
    if (!*begun) return FileStep::kBusy;
  }
  if (!hashing_) {
    const Result<FileStep> found = cut(next);
    if (!found || *found != FileStep::kDocument || broken_) return found;
  }
  const SplitRecord& record = record_;
  if (hashing_) {
    const Result<bool> told = tell_oversize();
    if (!told) return told.error();
    if (!*told) return FileStep::kBusy;
    hashing_ = false;
  }
  const bool too_much = record.notes.size() > largest_metadata(limits_.document).count;
  if (too_much && !record.oversize) {
    reason_ = metadata_reason(record.notes.size(), limits_.document);
  }
  const bool dead = record.oversize || too_much;
  next.state = dead ? Source::State::kDead : Source::State::kDocument;
  next.document = {.format = format_,
                   .bytes = record.bytes,
                   .origin = {.source = reader_.file().path,
                              .record = seen_,
                              .offset = record.offset,
                              .line = record.line},
                   .notes = too_much ? std::string_view() : record.notes};
  next.reason = dead ? std::string_view(reason_) : std::string_view();
  return FileStep::kDocument;
}

// Goes on where the position says, or else looks at the first bytes, if they decide.
Result<bool> SplitFile::begin() {
  if (!after_.open.empty() && can_seek()) {
    splitter_ = resume_splitter(path_, limits_,
                                {.records = after_.record,
                                 .offset = after_.offset,
                                 .line = after_.line + 1,
                                 .column = after_.column + 1,
                                 .open = after_.open});
    if (splitter_ != nullptr) {
      seen_ = after_.record;
      reader_.seek(after_.offset);
      return true;
    }
  }
  char first[256];
  const auto got = reader_.read(first, sizeof(first));
  if (!got && got.error().code == ErrorCode::kUnavailable) return got.error();
  if (got && got->bytes == 0 && !got->at_end) return false;
  reader_.seek(0);
  format_ = path_.format_of({first, got ? got->bytes : 0});
  splitter_ = make_splitter(path_, format_, limits_);
  return true;
}

// A later run goes on inside of the file where that is possible.
void SplitFile::note_after() {
  XmlResume place;
  if (broken_ || !can_seek() || !splitter_->after(place)) place = {.line = 1, .column = 1};
  after_.offset = place.offset;
  after_.line = place.line - 1;
  after_.column = place.column - 1;
  after_.open = std::move(place.open);
}

Result<bool> SplitFile::feed() {
  const auto got = reader_.read(chunk_.data(), chunk_.size());
  if (!got) {
    if (got.error().code == ErrorCode::kUnavailable) return got.error();
    failure_ = got.error().text;
    return true;
  }
  if (got->bytes == 0 && !got->at_end) return false;
  at_end_ = got->at_end;
  const Result<void> fed = splitter_->feed({chunk_.data(), got->bytes}, at_end_);
  if (!fed) failure_ = fed.error().text;
  return true;
}

Result<bool> SplitFile::tell_oversize() {
  const std::uint64_t end = record_.offset + record_.size;
  const auto hashed = hash_.of(record_.offset, end);
  if (!hashed) return hashed.error();
  if (!*hashed) return false;
  reason_ =
      oversize_reason(record_.size, limits_.document) +
      whereabouts(record_.bytes.size(), record_.offset, end, (*hashed)->bytes, (*hashed)->hash);
  return true;
}

// All of the rest that can be read, up to a byte above the limit of a document.
Result<bool> SplitFile::read_rest(std::uint64_t begin) {
  if (!reading_rest_) {
    reader_.seek(begin);
    rest_.clear();
  }
  reading_rest_ = true;
  while (!rest_read_ && rest_.size() <= limits_.document.count) {
    const auto got = reader_.read(chunk_.data(), chunk_.size());
    if (!got && got.error().code == ErrorCode::kUnavailable) return got.error();
    rest_read_ = !got || got->at_end;
    if (rest_read_) break;
    if (got->bytes == 0) return false;
    rest_.append(chunk_.data(), got->bytes);
  }
  return true;
}

// Of a rest that is larger than a document may be, only the beginning.
Result<FileStep> SplitFile::give_rest(Source::Next& next) {
  const std::uint64_t begin = splitter_->rest_offset();
  const std::uint64_t limit = limits_.document.count;
  const Result<bool> read = read_rest(begin);
  if (!read) return read.error();
  if (!*read) return FileStep::kBusy;
  reason_ = failure_;
  if (rest_.size() > limit) {
    const auto hashed = hash_.of(begin, can_seek() ? reader_.file().size : begin + limit);
    if (!hashed) return hashed.error();
    if (!*hashed) return FileStep::kBusy;
    rest_.resize(sample_bytes(limits_.document));
    reason_ += whereabouts(rest_.size(), begin,
                           can_seek() ? reader_.file().size : begin + (*hashed)->bytes,
                           (*hashed)->bytes, (*hashed)->hash);
  }
  failure_.clear();
  broken_ = true;
  at_end_ = true;
  next.state = Source::State::kDead;
  next.document = {.format = format_,
                   .bytes = rest_,
                   .origin = {.source = reader_.file().path,
                              .record = ++seen_,
                              .offset = begin,
                              .line = splitter_->rest_line()}};
  next.reason = reason_;
  return FileStep::kDocument;
}

}  // namespace docmill

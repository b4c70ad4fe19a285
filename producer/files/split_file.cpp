#include "producer/files/split_file.h"

#include <utility>

namespace docmill {
SplitFile::SplitFile(FileReader reader, const FilePosition& from, const SplitPath& path,
                     const LimitsConfig& limits, std::size_t chunk)
    : reader_(std::move(reader)), after_(from), path_(path), limits_(limits), chunk_(chunk) {}

Result<bool> SplitFile::next(Source::Next& next) {
  while (true) {
    Result<bool> stepped = step(next);
    if (!stepped || !*stepped) return stepped;
    if (seen_ <= after_.record) continue;
    after_.record = seen_;
    note_after();
    return true;
  }
}

Result<bool> SplitFile::step(Source::Next& next) {
  if (splitter_ == nullptr) begin();
  SplitRecord record;
  while (!splitter_->next(record)) {
    if (!failure_.empty()) {
      give_rest(next);
      return true;
    }
    if (at_end_) return false;
    feed();
  }
  ++seen_;
  if (record.oversize) reason_ = oversize_reason(record.size, limits_.document);
  next.state = record.oversize ? Source::State::kDead : Source::State::kDocument;
  next.document = {.format = format_,
                   .bytes = record.bytes,
                   .origin = {.source = reader_.file().path,
                              .record = seen_,
                              .offset = record.offset,
                              .line = record.line},
                   .notes = record.notes};
  next.reason = record.oversize ? std::string_view(reason_) : std::string_view();
  return true;
}

// Goes on where the position says, or else looks at the first bytes, if they decide.
void SplitFile::begin() {
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
      return;
    }
  }
  char first[256];
  const Result<std::size_t> got = reader_.read(first, sizeof(first));
  reader_.seek(0);
  format_ = path_.format_of({first, got ? *got : 0});
  splitter_ = make_splitter(path_, format_, limits_);
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

void SplitFile::feed() {
  const Result<std::size_t> got = reader_.read(chunk_.data(), chunk_.size());
  if (!got) {
    failure_ = got.error().text;
    return;
  }
  at_end_ = *got == 0;
  const Result<void> fed = splitter_->feed({chunk_.data(), *got}, at_end_);
  if (!fed) failure_ = fed.error().text;
}

void SplitFile::give_rest(Source::Next& next) {
  sample_.resize(sample_bytes(limits_.document));
  reader_.seek(splitter_->rest_offset());
  std::size_t filled = 0;
  while (filled < sample_.size()) {
    const Result<std::size_t> got = reader_.read(sample_.data() + filled, sample_.size() - filled);
    if (!got || *got == 0) break;
    filled += *got;
  }
  sample_.resize(filled);
  reason_ = std::exchange(failure_, {});
  broken_ = true;
  at_end_ = true;
  next.state = Source::State::kDead;
  next.document = {.format = format_,
                   .bytes = sample_,
                   .origin = {.source = reader_.file().path,
                              .record = ++seen_,
                              .offset = splitter_->rest_offset(),
                              .line = splitter_->rest_line()}};
  next.reason = reason_;
}

}  // namespace docmill

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
  if (splitter_ == nullptr) {
    if (auto begun = begin(); !begun) return begun.error();
  }
  SplitRecord record;
  while (!splitter_->next(record)) {
    if (!failure_.empty()) return give_rest(next);
    if (at_end_) return false;
    if (auto fed = feed(); !fed) return fed.error();
  }
  ++seen_;
  if (record.oversize && seen_ > after_.record) {
    if (auto told = tell_oversize(record); !told) return told.error();
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
  return true;
}

// Goes on where the position says, or else looks at the first bytes, if they decide.
Result<void> SplitFile::begin() {
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
      return {};
    }
  }
  char first[256];
  const Result<std::size_t> got = reader_.read(first, sizeof(first));
  if (!got && got.error().code == ErrorCode::kUnavailable) return got.error();
  reader_.seek(0);
  format_ = path_.format_of({first, got ? *got : 0});
  splitter_ = make_splitter(path_, format_, limits_);
  return {};
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

Result<void> SplitFile::feed() {
  const Result<std::size_t> got = reader_.read(chunk_.data(), chunk_.size());
  if (!got) {
    if (got.error().code == ErrorCode::kUnavailable) return got.error();
    failure_ = got.error().text;
    return {};
  }
  at_end_ = *got == 0;
  const Result<void> fed = splitter_->feed({chunk_.data(), *got}, at_end_);
  if (!fed) failure_ = fed.error().text;
  return {};
}

Result<void> SplitFile::tell_oversize(const SplitRecord& record) {
  const std::uint64_t end = record.offset + record.size;
  const auto hashed = hash_.of(record.offset, end);
  if (!hashed) return hashed.error();
  reason_ = oversize_reason(record.size, limits_.document) +
            whereabouts(record.bytes.size(), record.offset, end, hashed->bytes, hashed->hash);
  return {};
}

// All of the rest that can be read, up to the limit of a document; of more its beginning.
Result<bool> SplitFile::give_rest(Source::Next& next) {
  const std::uint64_t begin = splitter_->rest_offset();
  const std::uint64_t limit = limits_.document.count;
  reader_.seek(begin);
  rest_.clear();
  while (rest_.size() <= limit) {
    const Result<std::size_t> got = reader_.read(chunk_.data(), chunk_.size());
    if (!got && got.error().code == ErrorCode::kUnavailable) return got.error();
    if (!got || *got == 0) break;
    rest_.append(chunk_.data(), *got);
  }
  reason_ = std::exchange(failure_, {});
  if (rest_.size() > limit) {
    rest_.resize(sample_bytes(limits_.document));
    const auto hashed = hash_.of(begin, can_seek() ? reader_.file().size : begin + limit);
    if (!hashed) return hashed.error();
    reason_ +=
        whereabouts(rest_.size(), begin, can_seek() ? reader_.file().size : begin + hashed->bytes,
                    hashed->bytes, hashed->hash);
  }
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
  return true;
}

}  // namespace docmill

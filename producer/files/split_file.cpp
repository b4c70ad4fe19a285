#include "producer/files/split_file.h"

#include <utility>

namespace docmill {
namespace {

XmlSplitOptions options_of(const LimitsConfig& limits) {
  XmlSplitOptions options;
  options.limits.document = limits.document;
  options.limits.depth = limits.depth;
  options.sample = {sample_bytes(limits.document)};
  return options;
}

}  // namespace

SplitFile::SplitFile(FileReader reader, const FilePosition& from, const ElementPath& path,
                     const LimitsConfig& limits, std::size_t chunk)
    : reader_(std::move(reader)),
      after_(from),
      limit_(limits.document),
      splitter_(path, options_of(limits)),
      chunk_(chunk) {}

Result<bool> SplitFile::next(Source::Next& next) {
  while (true) {
    Result<bool> stepped = step(next);
    if (!stepped || !*stepped) return stepped;
    if (seen_ <= after_.record) continue;
    after_.record = seen_;
    return true;
  }
}

Result<bool> SplitFile::step(Source::Next& next) {
  XmlRecord record;
  while (!splitter_.next(record)) {
    if (!failure_.empty()) {
      give_rest(next);
      return true;
    }
    if (at_end_) return false;
    feed();
  }
  ++seen_;
  if (record.oversize) reason_ = oversize_reason(record.size, limit_);
  next.state = record.oversize ? Source::State::kDead : Source::State::kDocument;
  next.document = {.format = Format::kXml,
                   .bytes = record.bytes,
                   .origin = {.source = reader_.file().path,
                              .record = seen_,
                              .offset = record.offset,
                              .line = record.line}};
  next.reason = record.oversize ? std::string_view(reason_) : std::string_view();
  return true;
}

void SplitFile::feed() {
  const Result<std::size_t> got = reader_.read(chunk_.data(), chunk_.size());
  if (!got) {
    failure_ = got.error().text;
    return;
  }
  at_end_ = *got == 0;
  const Result<void> fed = splitter_.feed({chunk_.data(), *got}, at_end_);
  if (!fed) failure_ = fed.error().text;
}

void SplitFile::give_rest(Source::Next& next) {
  sample_.resize(sample_bytes(limit_));
  reader_.seek(splitter_.rest_offset());
  std::size_t filled = 0;
  while (filled < sample_.size()) {
    const Result<std::size_t> got = reader_.read(sample_.data() + filled, sample_.size() - filled);
    if (!got || *got == 0) break;
    filled += *got;
  }
  sample_.resize(filled);
  reason_ = std::exchange(failure_, {});
  at_end_ = true;
  next.state = Source::State::kDead;
  next.document = {.format = Format::kXml,
                   .bytes = sample_,
                   .origin = {.source = reader_.file().path,
                              .record = ++seen_,
                              .offset = splitter_.rest_offset(),
                              .line = splitter_.rest_line()}};
  next.reason = reason_;
}

}  // namespace docmill

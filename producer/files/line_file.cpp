#include "producer/files/line_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "shared/base/hash.h"

namespace docmill {
namespace {

std::string_view without_break(std::string_view line) {
  if (!line.ends_with('\n')) return line;
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineFile::LineFile(FileReader reader, const FilePosition& from, FormatChoice format, Bytes limit,
                   std::size_t buffer)
    : reader_(std::move(reader)),
      after_(from),
      format_(format),
      limit_(limit),
      capacity_(buffer),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer)) {
  reader_.seek(from.offset);
}

Result<bool> LineFile::next(Source::Next& next) {
  while (!broken_) {
    const Result<std::string_view> line = whole_line();
    if (!line) {
      if (line.error().code == ErrorCode::kUnavailable) return line.error();
      const std::string_view begun(buffer_.get() + begin_, held());
      return give_rest(next, begun.substr(0, limit_.count), line.error().text);
    }
    if (line->empty() && held() == 0) return false;
    if (line->empty()) return skip_long_line(next);
    const std::string_view document = without_break(*line);
    pass(line->size());
    if (document.empty()) continue;
    if (document.size() > limit_.count) {
      give_dead(next, document.substr(0, sample_bytes(limit_)), document.size(), hash64(document));
    } else {
      give(next, Source::State::kDocument, document);
    }
    return true;
  }
  return false;
}

Result<std::string_view> LineFile::whole_line() {
  std::size_t searched = 0;
  while (true) {
    const char* begin = buffer_.get() + begin_;
    if (held() > searched) {
      const void* found = std::memchr(begin + searched, '\n', held() - searched);
      if (found != nullptr) {
        return std::string_view(begin, static_cast<const char*>(found) + 1);
      }
    }
    searched = held();
    if (at_end_) return std::string_view(begin, held());
    // The two bytes above the limit may be the line's break.
    if (held() > limit_.count + 1) return std::string_view();
    if (const Result<bool> filled = fill(); !filled) return filled.error();
  }
}

Result<bool> LineFile::fill() {
  if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, held());
  end_ -= begin_;
  begin_ = 0;
  if (end_ == capacity_) {
    capacity_ *= 2;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    std::memcpy(larger.get(), buffer_.get(), end_);
    buffer_ = std::move(larger);
  }
  const Result<std::size_t> got = reader_.read(buffer_.get() + end_, capacity_ - end_);
  if (!got) return got.error();
  end_ += *got;
  at_end_ = *got == 0;
  return true;
}

// Counts and hashes the line to its end without keeping more of it than a sample.
Result<bool> LineFile::skip_long_line(Source::Next& next) {
  sample_.assign(buffer_.get() + begin_, sample_bytes(limit_));
  offset_ = after_.offset;
  RunningHash hash;
  std::uint64_t bytes = 0;
  bool holds_return = false;  // a "\r" that may belong to the line's break, not hashed yet
  while (true) {
    const char* begin = buffer_.get() + begin_;
    const void* found = std::memchr(begin, '\n', held());
    const std::size_t piece =
        found == nullptr ? held()
                         : static_cast<std::size_t>(static_cast<const char*>(found) - begin);
    bytes += piece;
    if (piece > 0) {
      if (holds_return) hash.add("\r");
      holds_return = begin[piece - 1] == '\r';
      hash.add({begin, piece - (holds_return ? 1 : 0)});
    }
    begin_ += piece;
    if (found != nullptr || at_end_) {
      const std::size_t line_break = found != nullptr ? 1 : 0;
      if (holds_return && line_break == 0) hash.add("\r");
      begin_ += line_break;
      after_.offset += bytes + line_break;
      ++after_.line;
      give_dead(next, sample_, bytes - (line_break == 1 && holds_return ? 1 : 0), hash.value());
      return true;
    }
    if (const Result<bool> filled = fill(); !filled) {
      if (filled.error().code == ErrorCode::kUnavailable) return filled.error();
      return give_rest(next, sample_,
                       filled.error().text + whereabouts(sample_.size(), offset_, offset_ + bytes,
                                                         bytes, hash.value()));
    }
  }
}

bool LineFile::give_rest(Source::Next& next, std::string_view bytes, std::string reason) {
  broken_ = true;
  reason_ = std::move(reason);
  offset_ = after_.offset;
  ++after_.line;
  give(next, Source::State::kDead, bytes);
  return true;
}

void LineFile::pass(std::size_t bytes) {
  offset_ = after_.offset;
  begin_ += bytes;
  after_.offset += bytes;
  ++after_.line;
}

void LineFile::give_dead(Source::Next& next, std::string_view sample, std::uint64_t bytes,
                         std::uint64_t hash) {
  reason_ = oversize_reason(bytes, limit_) +
            whereabouts(sample.size(), offset_, offset_ + bytes, bytes, hash);
  give(next, Source::State::kDead, sample);
}

void LineFile::give(Source::Next& next, Source::State state, std::string_view bytes) {
  ++after_.record;
  next.state = state;
  next.document = {.format = format_of(format_, bytes),
                   .bytes = bytes,
                   .origin = {.source = reader_.file().path,
                              .record = after_.record,
                              .offset = offset_,
                              .line = after_.line}};
  next.reason = state == Source::State::kDead ? std::string_view(reason_) : std::string_view();
}

}  // namespace docmill

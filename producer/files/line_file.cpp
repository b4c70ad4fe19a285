#include "producer/files/line_file.h"

#include <algorithm>
#include <cstring>
#include <utility>

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

Result<FileStep> LineFile::next(Source::Next& next) {
  reader_.begin_step();
  while (!broken_) {
    if (long_line_) return skip_long_line(next);
    std::string_view line;
    const Result<bool> found = find_line(line);
    if (!found) {
      if (found.error().code == ErrorCode::kUnavailable) return found.error();
      const std::string_view begun(buffer_.get() + begin_, held());
      return give_rest(next, begun.substr(0, limit_.count), found.error().text);
    }
    if (!*found) return FileStep::kBusy;
    searched_ = 0;
    if (line.empty() && held() == 0) return FileStep::kEnd;
    if (line.empty()) {
      sample_.assign(buffer_.get() + begin_, sample_bytes(limit_));
      long_line_.emplace();
      continue;
    }
    const std::string_view document = without_break(line);
    pass(line.size());
    if (document.empty()) continue;
    if (document.size() > limit_.count) {
      give_dead(next, document.substr(0, sample_bytes(limit_)), document.size(), hash64(document));
    } else {
      give(next, Source::State::kDocument, document);
    }
    return FileStep::kDocument;
  }
  return FileStep::kEnd;
}

Result<bool> LineFile::find_line(std::string_view& line) {
  while (true) {
    const char* begin = buffer_.get() + begin_;
    if (held() > searched_) {
      const void* found = std::memchr(begin + searched_, '\n', held() - searched_);
      if (found != nullptr) {
        line = std::string_view(begin, static_cast<const char*>(found) + 1);
        return true;
      }
    }
    searched_ = held();
    if (at_end_) {
      line = std::string_view(begin, held());
      return true;
    }
    // The two bytes above the limit may be the line's break.
    if (held() > limit_.count + 1) return true;
    const Result<bool> filled = fill();
    if (!filled || !*filled) return filled;
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
  const auto got = reader_.read(buffer_.get() + end_, capacity_ - end_);
  if (!got) return got.error();
  end_ += got->bytes;
  at_end_ = got->at_end;
  return got->bytes > 0 || got->at_end;
}

// Counts and hashes the line to its end without keeping more of it than a sample.
Result<FileStep> LineFile::skip_long_line(Source::Next& next) {
  offset_ = after_.offset;
  while (!add_to_long_line()) {
    const Result<bool> filled = fill();
    if (filled && !*filled) return FileStep::kBusy;
    if (filled) continue;
    if (filled.error().code == ErrorCode::kUnavailable) return filled.error();
    const LongLine line = *std::exchange(long_line_, std::nullopt);
    return give_rest(
        next, sample_,
        filled.error().text + whereabouts(sample_.size(), offset_, offset_ + line.bytes, line.bytes,
                                          line.hash.value()));
  }
  LongLine line = *std::exchange(long_line_, std::nullopt);
  const bool has_break = held() > 0;
  if (line.holds_return && !has_break) line.hash.add("\r");
  if (has_break) ++begin_;
  after_.offset += line.bytes + (has_break ? 1 : 0);
  ++after_.line;
  give_dead(next, sample_, line.bytes - (has_break && line.holds_return ? 1 : 0),
            line.hash.value());
  return FileStep::kDocument;
}

// True: the line ends here. What is held then begins with its break, if it has one.
bool LineFile::add_to_long_line() {
  const char* begin = buffer_.get() + begin_;
  const void* found = std::memchr(begin, '\n', held());
  const std::size_t piece =
      found == nullptr ? held() : static_cast<std::size_t>(static_cast<const char*>(found) - begin);
  LongLine& line = *long_line_;
  line.bytes += piece;
  if (piece > 0) {
    if (line.holds_return) line.hash.add("\r");
    line.holds_return = begin[piece - 1] == '\r';
    line.hash.add({begin, piece - (line.holds_return ? 1 : 0)});
  }
  begin_ += piece;
  return found != nullptr || at_end_;
}

FileStep LineFile::give_rest(Source::Next& next, std::string_view bytes, std::string reason) {
  broken_ = true;
  reason_ = std::move(reason);
  offset_ = after_.offset;
  ++after_.line;
  give(next, Source::State::kDead, bytes);
  return FileStep::kDocument;
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

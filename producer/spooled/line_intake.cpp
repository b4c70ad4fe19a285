#include "producer/spooled/line_intake.h"

#include <fmt/format.h>

#include <algorithm>

#include "producer/files/file_documents.h"
#include "producer/spooled/spooled_document.h"

namespace docmill {

void LineIntake::give_keys(std::string key, std::uint64_t begin) {
  key_ = std::move(key);
  given_ = begin;
}

char* LineIntake::room(std::size_t bytes) {
  room_ = bytes;
  buffer_.resize(buffer_.size() + bytes);
  return buffer_.data() + buffer_.size() - bytes;
}

void LineIntake::came(std::size_t bytes) { buffer_.resize(buffer_.size() - (room_ - bytes)); }

Result<void> LineIntake::give(Spool& spool, bool ended) {
  waits_ = false;
  std::size_t begin = 0;
  while (begin < buffer_.size()) {
    std::size_t end = buffer_.find('\n', std::max(begin, searched_));
    if (end == buffer_.npos && ended) end = buffer_.size();
    if (end == buffer_.npos) break;
    const std::size_t next = std::min(end + 1, buffer_.size());
    const std::uint64_t after = given_ + passed_ + next - begin;
    const auto given = give_line(spool, key_.empty() ? key_ : fmt::format("{}{}", key_, after),
                                 std::string_view(buffer_).substr(begin, end - begin));
    if (!given) return given.error();
    waits_ = !*given;
    if (waits_) break;
    begin = next;
    given_ = after;
    passed_ = 0;
  }
  buffer_.erase(0, begin);
  searched_ = waits_ ? 0 : buffer_.size();
  if (!waits_) pass_long_line();
  return {};
}

// Keeps no more than a sample of a line that is over the limit already. Of the rest one byte stays:
// it may belong to the line's break.
void LineIntake::pass_long_line() {
  // The two bytes above the limit may be the line's break.
  if (!is_long() && buffer_.size() <= limit_.count + 1) return;
  if (buffer_.empty()) return;
  if (!is_long()) {
    sample_ = buffer_.substr(0, sample_bytes(limit_));
    hash_.emplace();
  }
  hash_->add(std::string_view(buffer_).substr(0, buffer_.size() - 1));
  passed_ += buffer_.size() - 1;
  buffer_.erase(0, buffer_.size() - 1);
  searched_ = buffer_.size();
}

Result<bool> LineIntake::give_line(Spool& spool, std::string_view key, std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (is_long() || line.size() > limit_.count) {
    const std::uint64_t bytes = passed_ + line.size();
    const std::string_view sample = is_long() ? sample_ : line.substr(0, sample_bytes(limit_));
    const std::uint64_t hash = is_long() ? hash_->value_with(line) : hash64(line);
    return give_dead(spool, key, sample,
                     oversize_reason(bytes, limit_) +
                         whereabouts(sample.size(), given_, given_ + bytes, bytes, hash));
  }
  if (line.empty()) return true;
  const auto kept = append_document(spool, key, format_of(format_, line), source_, {}, line);
  if (kept) return true;
  if (kept.error().code == ErrorCode::kUnavailable) return false;
  if (kept.error().code != ErrorCode::kMalformed) return kept.error();
  const std::string_view sample = line.substr(0, sample_bytes(limit_));
  return give_dead(spool, key, sample,
                   kept.error().text + whereabouts(sample.size(), given_, given_ + line.size(),
                                                   line.size(), hash64(line)));
}

Result<bool> LineIntake::give_dead(Spool& spool, std::string_view key, std::string_view sample,
                                   const std::string& reason) {
  const auto kept = append_dead(spool, key, format_of(format_, sample), source_, reason, sample);
  if (kept) return true;
  if (kept.error().code == ErrorCode::kUnavailable) return false;
  return kept.error();
}

}  // namespace docmill

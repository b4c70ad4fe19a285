// Pieces, records and places. The grammar outside of records is in json_splitter_grammar.cpp.
#include "shared/document/json_splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "shared/document/xml_chars.h"

namespace docmill {
namespace {

// A value that is neither string nor container ends before one of these.
bool ends_scalar(char c) {
  return is_space(c) || std::string_view(",]}:[{\"").find(c) != std::string_view::npos;
}

}  // namespace

JsonSplitter::JsonSplitter(JsonPath path, const JsonSplitOptions& options)
    : path_(std::move(path)), options_(options), token_scanner_({.limits = options.limits}) {}

Result<void> JsonSplitter::feed(std::string_view chunk, bool last) {
  queue_.clear();
  handed_out_ = 0;
  // Of what was handed out only the beginning of an open record is kept.
  output_.erase(0, in_record() ? record_begin_ : output_.size());
  record_begin_ = 0;
  if (!failure_.empty()) return failure();
  at_ = located_ = chunk.data();
  end_ = at_ + chunk.size();
  while (at_ != end_ && failure_.empty()) step();
  if (failure_.empty()) locate();
  if (failure_.empty() && last) finish();
  return failure_.empty() ? Result<void>() : failure();
}

bool JsonSplitter::next(SplitRecord& record) {
  if (handed_out_ == queue_.size()) return false;
  const Queued& queued = queue_[handed_out_++];
  record = queued.record;
  record.bytes = std::string_view(output_).substr(queued.begin, queued.length);
  return true;
}

void JsonSplitter::step() {
  switch (look_) {
    case Look::kMark:
      return mark();
    case Look::kString:
      return string();
    case Look::kEscaped:
      token_ += *at_++;
      look_ = Look::kString;
      return;
    case Look::kScalar:
      return scalar();
    case Look::kRecord:
      return record();
    case Look::kRecordString:
      return record_string();
    case Look::kRecordEscaped:
      ++at_;
      keep(at_ - 1);
      look_ = Look::kRecordString;
      return;
    case Look::kRecordScalar:
      return record_scalar();
    default:
      return structure();
  }
}

void JsonSplitter::begin_record() {
  const Place& place = locate();
  record_ = {};
  record_.number = ++count_;
  record_.offset = place.offset;
  record_.line = place.line;
  record_begin_ = output_.size();
  record_depth_ = open_.size();
  if (*at_ == '{' || *at_ == '[') {
    look_ = Look::kRecord;
  } else if (*at_ == '"') {
    look_ = Look::kRecordString;
    ++at_;
    keep(at_ - 1);
  } else {
    look_ = Look::kRecordScalar;
  }
}

void JsonSplitter::record() {
  const char* from = at_;
  while (at_ != end_) {
    const char c = *at_;
    if (c == '{' || c == '[') {
      open_.push_back({.object = c == '{'});
      if (open_.size() > options_.limits.depth) return too_deep();
    } else if (c == '}' || c == ']') {
      if (open_.back().object != (c == '}')) return fail_expected();
      open_.pop_back();
    }
    ++at_;
    if (c == '"') {
      look_ = Look::kRecordString;
      return keep(from);
    }
    if (open_.size() == record_depth_) {
      keep(from);
      return end_record();
    }
  }
  keep(from);
}

void JsonSplitter::record_string() {
  const char* from = at_;
  while (at_ != end_) {
    at_ = skip_plain<false>(at_, end_, '"', '\\', '"');
    if (at_ == end_) break;
    const char c = *at_++;
    if (c == '"') {
      keep(from);
      if (open_.size() == record_depth_) return end_record();
      look_ = Look::kRecord;
      return;
    }
    if (c != '\\') continue;
    if (at_ == end_) {
      look_ = Look::kRecordEscaped;
      break;
    }
    ++at_;
  }
  keep(from);
}

void JsonSplitter::record_scalar() {
  const char* from = at_;
  at_ = std::find_if(at_, end_, ends_scalar);
  keep(from);
  if (at_ != end_) end_record();
}

// Takes the bytes up to at_ into the record; of one that grew too large only the beginning stays.
void JsonSplitter::keep(const char* from) {
  const auto bytes = static_cast<std::size_t>(at_ - from);
  const std::size_t have = output_.size() - record_begin_;
  record_.size += bytes;
  if (record_.size <= options_.limits.document.count) {
    output_.append(from, bytes);
    return;
  }
  record_.oversize = true;
  const auto sample = static_cast<std::size_t>(options_.sample.count);
  if (have < sample) output_.append(from, std::min(bytes, sample - have));
  output_.resize(record_begin_ + std::min(output_.size() - record_begin_, sample));
}

void JsonSplitter::end_record() {
  queue_.push_back({record_, record_begin_, output_.size() - record_begin_});
  rest_offset_ = record_.offset + record_.size;
  rest_line_ = locate().line;
  value_ended();
}

void JsonSplitter::scalar() {
  const char* from = at_;
  at_ = std::find_if(at_, end_, ends_scalar);
  take_token(from);
  if (at_ != end_ && failure_.empty()) token_ended();
}

const JsonSplitter::Place& JsonSplitter::locate() {
  const std::string_view passed(located_, static_cast<std::size_t>(at_ - located_));
  const auto lines = std::count(passed.begin(), passed.end(), '\n');
  std::string_view line = passed;
  if (lines > 0) {
    place_.line += static_cast<std::uint64_t>(lines);
    place_.column = 1;
    line.remove_prefix(passed.rfind('\n') + 1);
  }
  place_.column += static_cast<std::uint64_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
  place_.offset += passed.size();
  located_ = at_;
  return place_;
}

// A character that is not ASCII is told by its first byte: the rest of it may not be here yet.
std::string JsonSplitter::found() const {
  if (at_ == end_) return "the end of the document";
  const auto c = static_cast<unsigned char>(*at_);
  if (c < 0x20 || c == 0x7F) return fmt::format("character 0x{:02x}", c);
  if (c >= 0x80) return fmt::format("byte 0x{:02x}", c);
  return fmt::format("'{}'", *at_);
}

void JsonSplitter::fail_at(const Place& place, std::string text) {
  failed_at_ = place;
  failure_ = std::move(text);
}

Error JsonSplitter::failure() const {
  return malformed(fmt::format("line {}, column {} (byte {}): {}", failed_at_.line,
                               failed_at_.column, failed_at_.offset, failure_));
}

}  // namespace docmill

// What stands outside of records: structure, strings, numbers and words.
#include <fmt/format.h>

#include <charconv>

#include "shared/document/json_splitter.h"
#include "shared/document/xml_chars.h"

namespace docmill {

void JsonSplitter::mark() {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const std::uint64_t offset = locate().offset;
  if (*at_ == kByteOrderMark[offset]) {
    ++at_;
    if (offset + 1 < kByteOrderMark.size()) return;
    locate();
    place_.column = 1;
  } else if (offset > 0) {
    return fail_at({}, "expected a value, found byte 0xef");
  }
  look_ = Look::kTop;
}

void JsonSplitter::structure() {
  at_ = skip_space(at_, end_);
  if (at_ == end_) return;
  switch (look_) {
    case Look::kFirstItem:
      return *at_ == ']' ? close() : value();
    case Look::kFirstKey:
      return *at_ == '}' ? close() : key();
    case Look::kKey:
      return key();
    case Look::kColon:
      if (*at_ != ':') return fail_expected();
      ++at_;
      look_ = Look::kValue;
      return;
    case Look::kAfter:
      return after();
    default:
      return value();
  }
}

void JsonSplitter::value() {
  const char c = *at_;
  bool on_path = true;
  std::uint32_t steps = 0;
  if (!open_.empty()) {
    const Open& parent = open_.back();
    const bool at_end = parent.steps == path_.steps();
    if (parent.on_path && at_end && std::string_view(",:]}").find(c) == std::string_view::npos) {
      return begin_record();
    }
    on_path = parent.on_path && !at_end &&
              (parent.object ? parent.leads : path_.leads_to_item(parent.steps, parent.number));
    steps = parent.steps + 1;
  }
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  if (c == '{' || c == '[') return open(on_path, steps);
  if (c == '"') return begin_token(Look::kString);
  if (letter || c == '-' || (c >= '0' && c <= '9')) return begin_token(Look::kScalar);
  fail_expected();
}

void JsonSplitter::open(bool on_path, std::uint32_t steps) {
  if (open_.size() >= options_.limits.depth) return too_deep();
  const bool object = *at_++ == '{';
  open_.push_back({.object = object, .on_path = on_path, .steps = steps});
  look_ = object ? Look::kFirstKey : Look::kFirstItem;
}

void JsonSplitter::close() {
  ++at_;
  open_.pop_back();
  value_ended();
}

void JsonSplitter::value_ended() {
  look_ = open_.empty() ? Look::kTop : Look::kAfter;
  any_ = any_ || open_.empty();
}

void JsonSplitter::key() {
  if (*at_ != '"') return fail_expected();
  begin_token(Look::kString);
  is_key_ = true;
}

void JsonSplitter::after() {
  Open& parent = open_.back();
  if (*at_ == (parent.object ? '}' : ']')) return close();
  if (*at_ != ',') return fail_expected();
  ++at_;
  ++parent.number;
  look_ = parent.object ? Look::kKey : Look::kValue;
}

void JsonSplitter::begin_token(Look look) {
  token_place_ = locate();
  token_.clear();
  is_key_ = false;
  look_ = look;
  if (look == Look::kString) token_ += *at_++;
}

void JsonSplitter::take_token(const char* from) {
  token_.append(from, static_cast<std::size_t>(at_ - from));
  if (token_.size() > options_.limits.token.count + 2) {
    fail_at(token_place_, fmt::format("a string or number larger than limits.token of {}",
                                      to_string(options_.limits.token)));
  }
}

void JsonSplitter::string() {
  const char* from = at_;
  while (at_ != end_ && *at_ != '"' && *at_ != '\\') {
    const auto c = static_cast<unsigned char>(*at_);
    // Told at once: a quote that was forgotten would take the lines that follow.
    if (c < 0x20) {
      return fail_at(locate(),
                     fmt::format("character 0x{:02x} is not allowed inside a string; write "
                                 "'\\u{:04x}'",
                                 c, c));
    }
    ++at_;
  }
  if (at_ == end_) return take_token(from);
  const bool ends = *at_++ == '"';
  take_token(from);
  if (!failure_.empty()) return;
  if (!ends) {
    look_ = Look::kEscaped;
  } else {
    token_ended();
  }
}

// JsonScanner judges a token as if it were a document; it is in one line.
void JsonSplitter::token_ended() {
  const Result<void> judged = token_scanner_.scan(token_, tape_);
  if (!judged && token_.front() != '"') {
    const std::size_t shown = std::min<std::size_t>(token_.size(), 20);
    return fail_at(token_place_,
                   fmt::format("expected a value, found '{}'",
                               token_.substr(0, std::min(shown, token_.find_first_not_of(
                                                                    "-+.0123456789ABCDEFGHIJKLMNOPQ"
                                                                    "RSTUVWXYZabcdefghijklmnopqrstu"
                                                                    "vwxyz")))));
  }
  if (!judged) {
    constexpr std::string_view kBefore = "line 1, column ";
    const std::string& text = judged.error().text;
    std::uint64_t column = 1;
    std::from_chars(text.data() + kBefore.size(), text.data() + text.size(), column);
    Place place = token_place_;
    for (std::size_t i = 0, seen = 0; i < token_.size(); ++i) {
      if ((static_cast<unsigned char>(token_[i]) & 0xC0) != 0x80 && ++seen == column) break;
      ++place.offset;
    }
    place.column += column - 1;
    return fail_at(place, text.substr(text.find(": ") + 2));
  }
  if (!is_key_) return value_ended();
  Open& parent = open_.back();
  parent.leads =
      parent.on_path && parent.steps < path_.steps() &&
      path_.leads_to_key(parent.steps, std::string_view(token_).substr(1, token_.size() - 2));
  look_ = Look::kColon;
}

void JsonSplitter::finish() {
  if (look_ == Look::kScalar) token_ended();
  if (!failure_.empty() || (look_ == Look::kTop && any_)) return;
  if (look_ == Look::kString || look_ == Look::kEscaped) {
    return fail_at(token_place_, "the string does not end; expected '\"'");
  }
  fail_expected();
}

std::string JsonSplitter::expected() const {
  switch (look_) {
    case Look::kFirstItem:
      return "a value or ']'";
    case Look::kFirstKey:
      return "a key in double quotes or '}'";
    case Look::kKey:
      return "a key in double quotes";
    case Look::kColon:
      return "':' after a key";
    case Look::kAfter:
    case Look::kRecordScalar:
      return open_.back().object ? "',' or '}'" : "',' or ']'";
    case Look::kRecord:
      return open_.back().object ? "'}'" : "']'";
    case Look::kRecordString:
    case Look::kRecordEscaped:
      return "'\"' at the end of a string";
    default:
      return "a value";
  }
}

void JsonSplitter::fail_expected() {
  fail_at(locate(), fmt::format("expected {}, found {}", expected(), found()));
}

void JsonSplitter::too_deep() {
  fail_at(locate(), fmt::format("more than {} objects and arrays inside each other; raise "
                                "limits.depth",
                                options_.limits.depth));
}

}  // namespace docmill

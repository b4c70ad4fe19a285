// The grammar. Keys are compared in json_scanner_keys.cpp.
#include "shared/document/json_scanner.h"

#include <fmt/format.h>

#include "shared/base/check.h"
#include "shared/base/random.h"
#include "shared/document/utf8.h"
#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The four hexadecimal digits at p as a number; above 0xffff when they are not that.
std::uint32_t hex4(const char* p, const char* end) {
  constexpr std::uint32_t kNone = 0x10000;
  if (end - p < 4) return kNone;
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char lower = static_cast<char>(p[i] | 0x20);
    if (is_digit(p[i])) {
      unit = unit * 16 + static_cast<std::uint32_t>(p[i] - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      unit = unit * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      return kNone;
    }
  }
  return unit;
}

}  // namespace

JsonScanner::JsonScanner(const JsonReadOptions& options)
    : options_(options), seed_(random_number()) {}

Result<void> JsonScanner::scan(std::string_view bytes, JsonTape& tape) {
  const JsonLimits& limits = options_.limits;
  DOCMILL_CHECK(limits.document.count < (1ULL << 32), "limits.document is {} bytes",
                limits.document.count);
  if (bytes.size() > limits.document.count) {
    return malformed(fmt::format("the document has {} bytes, more than limits.document of {}",
                                 bytes.size(), to_string(limits.document)));
  }
  begin_ = bytes.data();
  end_ = begin_ + bytes.size();
  tape.source = bytes;
  tape.nodes.clear();
  tape_ = &tape;
  open_.clear();
  any_dropped_ = false;

  const bool marked = bytes.starts_with("\xEF\xBB\xBF");
  tape.minified = !marked;
  const char* p = value(space(marked ? begin_ + 3 : begin_));
  while (p != nullptr && !open_.empty()) p = next_in_container(p);
  if (p != nullptr) p = space(p);
  if (p != nullptr && p != end_) {
    p = fail(p, fmt::format("expected the end of the document, found {}", found(p)));
  }
  if (p == nullptr) {
    const TextPlace place = locate(bytes, static_cast<std::size_t>(failed_at_ - begin_));
    return malformed(fmt::format("line {}, column {}: {}", place.line, place.column, failure_));
  }
  if (any_dropped_) remove_dropped();
  return {};
}

JsonNode& JsonScanner::push(JsonNode::Kind kind, const char* begin, const char* end) {
  JsonNode& node = tape_->nodes.emplace_back();
  node.start = offset(begin);
  node.length = static_cast<std::uint32_t>(end - begin);
  node.end = size();
  node.kind = kind;
  return node;
}

const char* JsonScanner::space(const char* p) {
  if (p == end_ || !is_space(*p)) return p;
  tape_->minified = false;
  return skip_space(p + 1, end_);
}

const char* JsonScanner::value(const char* p) {
  if (p == end_) return fail(p, "expected a value, found the end of the document");
  switch (*p) {
    case '{':
      return open(p, JsonNode::Kind::kObject);
    case '[':
      return open(p, JsonNode::Kind::kArray);
    case '"':
      return string(p);
    default:
      return *p == '-' || is_digit(*p) ? number(p) : literal(p);
  }
}

const char* JsonScanner::open(const char* p, JsonNode::Kind kind) {
  if (open_.size() >= options_.limits.depth) {
    return fail(p, fmt::format("more than {} objects and arrays inside each other; raise "
                               "limits.depth",
                               options_.limits.depth));
  }
  open_.push_back(size());
  push(kind, p, p + 1);
  return p + 1;
}

const char* JsonScanner::close(const char* p) {
  const std::uint32_t index = open_.back();
  open_.pop_back();
  JsonNode& node = tape_->nodes[index];
  node.length = offset(p) + 1 - node.start;
  node.end = size();
  if (node.kind == JsonNode::Kind::kObject && !distinct_keys(index)) return nullptr;
  return p + 1;
}

// What follows an opening bracket or a value inside of a container: the end of it, or one member.
const char* JsonScanner::next_in_container(const char* p) {
  const std::uint32_t index = open_.back();
  const bool object = tape_->nodes[index].kind == JsonNode::Kind::kObject;
  const bool first = size() == index + 1;
  const char closing = object ? '}' : ']';
  p = space(p);
  if (p != end_ && *p == closing) return close(p);
  if (!first) {
    if (p == end_ || *p != ',') {
      return fail(p, fmt::format("expected ',' or '{}', found {}", closing, found(p)));
    }
    p = space(p + 1);
  }
  if (object) {
    if (p == end_ || *p != '"') {
      return fail(p, fmt::format("expected a key in double quotes{}, found {}",
                                 first ? " or '}'" : "", found(p)));
    }
    p = key(p);
    if (p == nullptr) return nullptr;
  } else if (first && p == end_) {
    return fail(p, "expected a value or ']', found the end of the document");
  }
  return value(p);
}

const char* JsonScanner::key(const char* p) {
  p = string(p);
  if (p == nullptr) return nullptr;
  p = space(p);
  if (p == end_ || *p != ':') {
    return fail(p, fmt::format("expected ':' after a key, found {}", found(p)));
  }
  return space(p + 1);
}

const char* JsonScanner::string(const char* opening) {
  const char* p = opening + 1;
  bool exact = true;
  for (;;) {
    p = skip_plain<true>(p, end_, '"', '\\', '"');
    if (p == end_) return fail(opening, "the string does not end; expected '\"'");
    if (*p == '"') break;
    if (*p == '\\') {
      exact = false;
      p = escape(p);
      if (p == nullptr) return nullptr;
    } else if ((char_class(*p) & kWide) != 0) {
      const std::size_t length = utf8_length({p, static_cast<std::size_t>(end_ - p)});
      if (length == 0) return bad_byte(p);
      p += length;
    } else {
      return bad_byte(p);
    }
  }
  if (static_cast<std::uint64_t>(p - opening - 1) > options_.limits.token.count) {
    return too_long(opening, p + 1);
  }
  push(JsonNode::Kind::kString, opening + 1, p).exact = exact;
  return p + 1;
}

const char* JsonScanner::escape(const char* p) {
  const char kind = end_ - p < 2 ? '\0' : p[1];
  if (kind != 'u') {
    if (kind != '\0' && std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) {
      return p + 2;
    }
    return fail(p, fmt::format("expected '\"', '\\', '/', 'b', 'f', 'n', 'r', 't' or 'u' after "
                               "'\\', found {}",
                               found(p + 1)));
  }
  const std::uint32_t unit = hex4(p + 2, end_);
  if (unit > 0xFFFF) return fail(p, "expected four hexadecimal digits after '\\u'");
  if (unit < 0xD800 || unit > 0xDFFF) return p + 6;
  if (unit < 0xDC00 && end_ - p >= 12 && p[6] == '\\' && p[7] == 'u') {
    const std::uint32_t low = hex4(p + 8, end_);
    if (low >= 0xDC00 && low <= 0xDFFF) return p + 12;
  }
  return fail(p, fmt::format("'{}' is one half of a surrogate pair without the other",
                             std::string_view(p, 6)));
}

const char* JsonScanner::digits(const char* p, const char* after) {
  if (p == end_ || !is_digit(*p)) {
    return fail(p, fmt::format("expected a digit after '{}', found {}", *after, found(p)));
  }
  while (p != end_ && is_digit(*p)) ++p;
  return p;
}

const char* JsonScanner::number(const char* begin) {
  const char* p = *begin == '-' ? begin + 1 : begin;
  const bool zero = p != end_ && *p == '0';
  p = digits(p, begin);
  if (p == nullptr) return nullptr;
  if (zero && p - begin > (*begin == '-' ? 2 : 1)) {
    return fail(begin, "a number with a leading zero; write it without");
  }
  if (p != end_ && *p == '.') p = digits(p + 1, p);
  if (p != nullptr && p != end_ && (*p == 'e' || *p == 'E')) {
    const char* after = p++;
    if (p != end_ && (*p == '+' || *p == '-')) after = p++;
    p = digits(p, after);
  }
  if (p == nullptr) return nullptr;
  if (static_cast<std::uint64_t>(p - begin) > options_.limits.token.count) {
    return too_long(begin, p);
  }
  push(JsonNode::Kind::kNumber, begin, p);
  return p;
}

const char* JsonScanner::literal(const char* p) {
  const char* end = p;
  while (end != end_ && is_letter(*end)) ++end;
  const std::string_view word(p, static_cast<std::size_t>(end - p));
  if (word == "true") {
    push(JsonNode::Kind::kTrue, p, end);
  } else if (word == "false") {
    push(JsonNode::Kind::kFalse, p, end);
  } else if (word == "null") {
    push(JsonNode::Kind::kNull, p, end);
  } else {
    return fail(p, word.empty() ? fmt::format("expected a value, found {}", found(p))
                                : fmt::format("expected a value, found '{}'", word.substr(0, 20)));
  }
  return end;
}

const char* JsonScanner::fail(const char* at, std::string text) {
  failed_at_ = at;
  failure_ = std::move(text);
  return nullptr;
}

std::string JsonScanner::found(const char* p) const {
  if (p == end_) return "the end of the document";
  const auto c = static_cast<unsigned char>(*p);
  if (c < 0x20 || c == 0x7F) return fmt::format("character 0x{:02x}", c);
  const std::size_t length = utf8_length({p, static_cast<std::size_t>(end_ - p)});
  if (length == 0) return fmt::format("byte 0x{:02x}", c);
  return fmt::format("'{}'", std::string_view(p, length));
}

const char* JsonScanner::bad_byte(const char* at) {
  const auto c = static_cast<unsigned char>(*at);
  if (c >= 0x80) {
    return fail(at, fmt::format("byte 0x{:02x} does not begin a character of UTF-8", c));
  }
  return fail(at,
              fmt::format("{} is not allowed inside a string; write '\\u{:04x}'", found(at), c));
}

const char* JsonScanner::too_long(const char* begin, const char* end) {
  return fail(begin, fmt::format("a string or number of {} bytes, more than limits.token of {}",
                                 end - begin, to_string(options_.limits.token)));
}

}  // namespace docmill

#include "shared/document/linear_regex.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

namespace docmill {
namespace {

constexpr std::string_view kAnyCharacter = "[^\\n\\r\\x{2028}\\x{2029}]";

std::optional<std::uint32_t> hex(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(at, digits)) {
    const std::size_t digit = std::string_view("0123456789abcdef")
                                  .find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return value;
}

// What ECMAScript writes differently from RE2, rewritten.
class Translation {
 public:
  explicit Translation(std::string_view pattern) : in_(pattern) {}

  std::string all() {
    while (at_ < in_.size()) step();
    return std::move(out_);
  }

 private:
  bool take(std::string_view text) {
    if (!in_.substr(at_).starts_with(text)) return false;
    at_ += text.size();
    return true;
  }

  void step() {
    if (in_[at_] == '\\') return escape();
    if (in_class_) {
      if (in_[at_] == ']') in_class_ = false;
      // ECMAScript has no classes like [:alpha:].
      if (in_[at_] == '[') out_ += '\\';
    } else if (take("[^]")) {
      out_ += "(?s:.)";
      return;
    } else if (take("[]")) {
      out_ += "[^\\x{0}-\\x{10FFFF}]";
      return;
    } else if (in_[at_] == '[') {
      in_class_ = true;
      out_ += in_[at_++];
      if (take("^")) out_ += '^';
      return;
    } else if (in_[at_] == '.') {
      ++at_;
      out_ += kAnyCharacter;
      return;
    } else if (is_named_group() && take("(?<")) {
      out_ += "(?P<";
      return;
    }
    out_ += in_[at_++];
  }

  bool is_named_group() const {
    return in_.substr(at_).starts_with("(?<") && at_ + 3 < in_.size() && in_[at_ + 3] != '=' &&
           in_[at_ + 3] != '!';
  }

  void escape() {
    if (in_.substr(at_).starts_with("\\u")) {
      if (const auto unit = hex(in_, at_ + 2, 4)) return character(*unit);
    }
    if (in_class_ && take("\\b")) {
      out_ += "\\x08";
      return;
    }
    if (in_.substr(at_).starts_with("\\c") && at_ + 2 < in_.size()) {
      out_ += fmt::format("\\x{{{:x}}}", static_cast<unsigned char>(in_[at_ + 2]) % 32);
      at_ += 3;
      return;
    }
    out_ += in_[at_++];
    if (at_ < in_.size()) out_ += in_[at_++];
  }

  // Two units of UTF-16 may be one character.
  void character(std::uint32_t unit) {
    at_ += 6;
    if (unit >= 0xD800 && unit < 0xDC00 && in_.substr(at_).starts_with("\\u")) {
      const auto low = hex(in_, at_ + 2, 4);
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (*low - 0xDC00);
        at_ += 6;
      }
    }
    out_ += fmt::format("\\x{{{:x}}}", unit);
  }

  std::string_view in_;
  std::size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

bool has_lookaround(std::string_view pattern) {
  for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
    if (pattern.find(look) != std::string_view::npos) return true;
  }
  return false;
}

re2::RE2::Options options() {
  re2::RE2::Options chosen;
  chosen.set_log_errors(false);
  return chosen;
}

}  // namespace

struct LinearRegex::Program {
  explicit Program(std::string_view pattern) : re2(Translation(pattern).all(), options()) {}
  re2::RE2 re2;
};

LinearRegex::LinearRegex(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Result<LinearRegex> LinearRegex::make(std::string_view pattern) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const Program>, std::less<>> known;
  const std::scoped_lock lock(mutex);
  if (const auto found = known.find(pattern); found != known.end()) {
    if (auto program = found->second.lock()) return LinearRegex(std::move(program));
  }
  auto program = std::make_shared<const Program>(pattern);
  if (!program->re2.ok()) {
    const bool backreference = program->re2.error_code() == re2::RE2::ErrorBadEscape;
    const std::string found = has_lookaround(pattern) ? "a lookahead or lookbehind"
                              : backreference         ? "'" + program->re2.error_arg() +
                                                    "', a backreference or an "
                                                    "unknown escape"
                                              : program->re2.error();
    return config_error(
        fmt::format("expected a pattern that can be matched in linear time, found {} in '{}'; "
                    "write the pattern without it, or check that part with a 'keep' of jq",
                    found, pattern));
  }
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  known.insert_or_assign(std::string(pattern), program);
  return LinearRegex(std::move(program));
}

LinearRegex::LinearRegex(const std::string& pattern) {
  auto made = make(pattern);
  if (!made) throw std::invalid_argument(made.error().text);
  *this = std::move(*made);
}

bool LinearRegex::search(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), program_->re2);
}

bool LinearRegex::match(std::string_view text, Groups* groups) const {
  const auto count = static_cast<std::size_t>(program_->re2.NumberOfCapturingGroups()) + 1;
  std::vector<re2::StringPiece> found(groups == nullptr ? 0 : count);
  const re2::StringPiece piece(text.data(), text.size());
  if (!program_->re2.Match(piece, 0, text.size(), re2::RE2::ANCHOR_BOTH, found.data(),
                           static_cast<int>(found.size()))) {
    return false;
  }
  if (groups != nullptr) {
    groups->clear();
    for (const re2::StringPiece& group : found) groups->push_back({std::string(group)});
  }
  return true;
}

}  // namespace docmill

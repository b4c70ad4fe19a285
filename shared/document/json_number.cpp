#include "shared/document/json_number.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>
#include <system_error>

namespace docmill {
namespace {

// Digits that every double holds, and exponents that are far from its ends.
constexpr std::size_t kSafeDigits = 15;
constexpr std::size_t kSafeLength = 20;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number as its digits, from the first to the last that is not 0, and the place of its point:
// 0.DIGITS * 10^point. Two lexemes of one number have the same.
struct Decimal {
  std::string digits;
  std::int64_t point = 0;
  bool negative = false;
  bool operator==(const Decimal&) const = default;
};

// An exponent of more digits than this makes 0 or infinity of any document's number.
std::int64_t exponent_of(std::string_view text) {
  constexpr std::int64_t kHuge = 1'000'000'000'000;
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc::result_out_of_range) return text.starts_with('-') ? -kHuge : kHuge;
  return std::clamp(value, -kHuge, kHuge);
}

Decimal decimal_of(std::string_view lexeme) {
  Decimal decimal;
  decimal.negative = lexeme.starts_with('-');
  bool behind_point = false;
  std::size_t at = 0;
  for (; at < lexeme.size() && lexeme[at] != 'e' && lexeme[at] != 'E'; ++at) {
    const char c = lexeme[at];
    if (c == '.') behind_point = true;
    if (!is_digit(c)) continue;
    const bool leading = c == '0' && decimal.digits.empty();
    if (!leading) decimal.digits += c;
    if (behind_point && leading) --decimal.point;
    if (!behind_point && !leading) ++decimal.point;
  }
  if (at < lexeme.size()) decimal.point += exponent_of(lexeme.substr(at + 1));
  while (decimal.digits.ends_with('0')) decimal.digits.pop_back();
  if (decimal.digits.empty()) decimal.point = 0;
  return decimal;
}

}  // namespace

double nearest_double(std::string_view lexeme) {
  double value = 0;
  const auto read = std::from_chars(lexeme.data(), lexeme.data() + lexeme.size(), value);
  // Too large or too small, and from_chars does not say which.
  if (read.ec == std::errc::result_out_of_range)
    value = std::strtod(std::string(lexeme).c_str(), nullptr);
  return value;
}

bool fits_double(std::string_view lexeme) {
  const bool plain = lexeme.size() <= kSafeLength && lexeme.find_first_of("eE") == lexeme.npos;
  if (plain && static_cast<std::size_t>(std::count_if(lexeme.begin(), lexeme.end(), is_digit)) <=
                   kSafeDigits) {
    return true;
  }
  const double value = nearest_double(lexeme);
  return std::isfinite(value) && decimal_of(fmt::format("{}", value)) == decimal_of(lexeme);
}

bool fit_doubles(const JsonTape& tape) {
  return std::all_of(tape.nodes.begin(), tape.nodes.end(), [&tape](const JsonNode& node) {
    return node.kind != JsonNode::Kind::kNumber || fits_double(tape.text(node));
  });
}

}  // namespace docmill

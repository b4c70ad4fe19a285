#include "shared/document/value_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "shared/document/xml_text.h"

namespace docmill {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view without_leading_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == digits.npos ? std::string_view("0") : digits.substr(first);
}

// A number as XML Schema writes it ("+007", ".5", "5.", "1E3") in JSON's grammar, its digits kept.
std::optional<std::string> json_number(std::string_view text, bool integer) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const std::string_view whole = take_digits(text);
  std::string number = (negative ? "-" : "") + std::string(without_leading_zeros(whole));
  if (integer) {
    if (number == "-0") number = "0";
    return whole.empty() || !text.empty() ? std::nullopt : std::optional(number);
  }
  std::string_view fraction;
  if (take(text, '.')) {
    fraction = take_digits(text);
    if (!fraction.empty()) number.append(".").append(fraction);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  if (take(text, 'e') || take(text, 'E')) {
    number += 'e';
    if (take(text, '-'))
      number += '-';
    else
      take(text, '+');
    const std::string_view exponent = take_digits(text);
    if (exponent.empty()) return std::nullopt;
    number += exponent;
  }
  return text.empty() ? std::optional(number) : std::nullopt;
}

// Digits in the places of 'd', everything else as it stands.
bool has_form(std::string_view text, std::string_view form) {
  return text.size() == form.size() &&
         std::equal(text.begin(), text.end(), form.begin(),
                    [](char c, char f) { return f == 'd' ? is_digit(c) : c == f; });
}

int number_at(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// ISO 8601 as XML Schema and RFC 3339 have it: a day, or a day and a time, with a zone or without.
bool is_date(std::string_view text) {
  static constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!has_form(text.substr(0, 10), "dddd-dd-dd")) return false;
  const int month = number_at(text, 5);
  const int day = number_at(text, 8);
  const int year = number_at(text, 0) * 100 + number_at(text, 2);
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (month < 1 || month > 12 || day < 1 || day > kDays[month - 1]) return false;
  if (month == 2 && day == 29 && !leap) return false;
  text.remove_prefix(10);
  if (take(text, 'T')) {
    if (!has_form(text.substr(0, 8), "dd:dd:dd")) return false;
    if (number_at(text, 0) > 24 || number_at(text, 3) > 59 || number_at(text, 6) > 60) return false;
    text.remove_prefix(8);
    if (take(text, '.') && take_digits(text).empty()) return false;
  }
  if (text.empty() || text == "Z") return true;
  return (has_form(text, "+dd:dd") || has_form(text, "-dd:dd")) && number_at(text, 1) <= 14 &&
         number_at(text, 4) <= 59;
}

}  // namespace

Result<ValueTypes> ValueTypes::parse(const std::map<std::string, ValueType>& entries) {
  ValueTypes types;
  for (const auto& [key, type] : entries) {
    Rule rule;
    rule.type = type;
    std::string_view element = key;
    const std::size_t at = key.starts_with('@') ? 0 : key.find("/@");
    if (at != key.npos) {
      rule.attribute = key.substr(at + (at == 0 && key.starts_with('@') ? 1 : 2));
      element = std::string_view(key).substr(0, at);
    }
    const bool attribute = at != key.npos;
    if (element.starts_with('/')) {
      Result<ElementPath> path = ElementPath::parse(element);
      if (!path.ok()) return path.error();
      rule.path = std::move(path).value();
      types.has_paths_ = true;
    }
    const bool named = rule.path.has_value() || (attribute ? element.empty() : is_qname(element));
    if (!named || (attribute && !is_qname(rule.attribute))) {
      return config_error(
          fmt::format("expected a name like price or @id, or a path like "
                      "/catalog/book/price or /catalog/book/@id, found '{}'",
                      key));
    }
    if (!rule.path && !attribute) rule.element = element;
    types.rules_.push_back(std::move(rule));
  }
  // A path says more than a name.
  std::stable_partition(types.rules_.begin(), types.rules_.end(),
                        [](const Rule& rule) { return rule.path.has_value(); });
  return types;
}

std::optional<ValueType> ValueTypes::of(std::span<const std::string_view> path,
                                        std::string_view element,
                                        std::string_view attribute) const {
  for (const Rule& rule : rules_) {
    if (rule.attribute != attribute) continue;
    if (rule.path ? rule.path->matches(path) : rule.element.empty() || rule.element == element) {
      return rule.type;
    }
  }
  return std::nullopt;
}

std::optional<TypedValue> typed_value(std::string_view text, ValueType type) {
  const std::string_view stripped = strip(text);
  switch (type) {
    case ValueType::kString:
      return TypedValue{std::string(text), true, true};
    case ValueType::kDate:
      if (!is_date(stripped)) return std::nullopt;
      return TypedValue{std::string(stripped), true, true};
    case ValueType::kBoolean:
      if (stripped == "true" || stripped == "1") return TypedValue{"true", false, true};
      if (stripped == "false" || stripped == "0") return TypedValue{"false", false, true};
      return std::nullopt;
    case ValueType::kInteger:
    case ValueType::kNumber: {
      std::optional<std::string> number = json_number(stripped, type == ValueType::kInteger);
      if (!number) return std::nullopt;
      const bool exact = *number == stripped;
      return TypedValue{std::move(*number), false, exact};
    }
  }
  return std::nullopt;
}

bool is_safe_number(std::string_view text) {
  constexpr std::size_t kDigits = 15;  // of a decimal that a double holds, whichever they are
  std::string_view rest = text;
  const bool negative = take(rest, '-');
  const std::string_view whole = take_digits(rest);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return false;
  if (rest.empty()) {
    constexpr std::string_view kLargest = "9007199254740992";  // 2^53
    if (whole == "0") return !negative;
    return whole.size() < kLargest.size() || (whole.size() == kLargest.size() && whole <= kLargest);
  }
  if (!take(rest, '.')) return false;
  const std::string_view fraction = take_digits(rest);
  if (!rest.empty() || fraction.empty() || fraction.back() == '0') return false;
  // Below this many writers turn to an exponent.
  if (whole == "0" && fraction.starts_with("0000")) return false;
  return whole.size() + fraction.size() <= kDigits;
}

}  // namespace docmill

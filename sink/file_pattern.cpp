#include "sink/file_pattern.h"

#include <set>
#include <utility>
#include <vector>

namespace docmill {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_wildcard(char c) { return c == kDigit || c == kDigits || c == kAnyName; }

bool repeats(char c) { return c == kDigits || c == kAnyName; }

// Whether the wildcard or character stands for this character.
bool takes(char pattern, char c) {
  if (pattern == kDigit || pattern == kDigits) return is_digit(c);
  return pattern == kAnyName ? c != '/' : pattern == c;
}

// Whether some character is one of both.
bool share(char one, char other) {
  if (is_wildcard(one) && is_wildcard(other)) return true;  // a digit
  return is_wildcard(other) ? takes(other, one) : takes(one, other);
}

bool ends_or_is_folder(std::string_view pattern, std::size_t at) {
  return at == pattern.size() || pattern[at] == '/';
}

}  // namespace

bool patterns_meet(std::string_view one, std::string_view other) {
  using At = std::pair<std::size_t, std::size_t>;
  std::set<At> seen;
  std::vector<At> open = {{0, 0}};
  while (!open.empty()) {
    const auto [i, j] = open.back();
    open.pop_back();
    if (!seen.insert({i, j}).second) continue;
    const bool one_ended = i == one.size();
    const bool other_ended = j == other.size();
    if (one_ended || other_ended) {
      if (ends_or_is_folder(one, i) && ends_or_is_folder(other, j)) return true;
      continue;
    }
    if (!share(one[i], other[j])) continue;
    open.emplace_back(i + 1, j + 1);
    if (repeats(one[i])) open.emplace_back(i, j + 1);
    if (repeats(other[j])) open.emplace_back(i + 1, j);
  }
  return false;
}

std::string readable(std::string_view pattern) {
  std::string text;
  for (const char c : pattern) {
    if (c == kDigit) {
      text += '0';
    } else if (c == kDigits) {
      text += '1';
    } else if (c == kAnyName) {
      text += '*';
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace docmill

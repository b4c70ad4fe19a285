// Numbers in the small texts that sources keep: positions and catalog rows.
#pragma once

#include <charconv>
#include <concepts>
#include <string_view>
#include <system_error>

namespace docmill {

// Takes "WORD " (the last one: "WORD") off the front; false when the text begins with another word.
inline bool take_word(std::string_view& text, std::string_view word) {
  const std::size_t end = text.find(' ');
  if (text.substr(0, end) != word) return false;
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return true;
}

// Takes "17 " off the front; false when there is no such number.
template <std::integral Number>
bool take_number(std::string_view& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [after, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || (after != end && *after != ' ')) return false;
  text.remove_prefix(static_cast<std::size_t>(after - text.data()) + (after == end ? 0 : 1));
  return true;
}

}  // namespace docmill

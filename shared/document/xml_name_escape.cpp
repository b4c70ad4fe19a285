#include "shared/document/xml_name_escape.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "shared/document/utf8.h"
#include "shared/document/xml_chars.h"

namespace docmill {
namespace {

constexpr std::string_view kEmpty = "_x_";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};
// Letters that begin names in the 4th edition of XML 1.0, which expat has, and in the 5th.
constexpr Range kLetters[] = {
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x131},    {0x134, 0x13E},
    {0x141, 0x148},   {0x14A, 0x17E},   {0x38E, 0x3A1},   {0x3A3, 0x3CE},
    {0x40E, 0x44F},   {0x451, 0x45C},   {0x5D0, 0x5EA},   {0x621, 0x63A},
    {0x3041, 0x3094}, {0x30A1, 0x30FA}, {0x4E00, 0x9FA5}, {0xAC00, 0xD7A3}};

std::uint32_t code_point(std::string_view bytes) {
  const auto byte = [&bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (bytes.size() == 1) return byte(0);
  std::uint32_t c = byte(0) & (0x7FU >> bytes.size());
  for (std::size_t i = 1; i < bytes.size(); ++i) c = c << 6 | (byte(i) & 0x3F);
  return c;
}

bool can_stand(std::uint32_t c, bool first) {
  if (c < 0x80) return (kCharClasses[c] & (first ? kNameStart : kNameChar)) != 0;
  return std::any_of(std::begin(kLetters), std::end(kLetters),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// The number of the hexadecimal digits that begin the text, and what they say.
std::size_t hex_digits(std::string_view text, std::uint32_t& number) {
  number = 0;
  std::size_t count = 0;
  for (; count < std::min<std::size_t>(text.size(), 8); ++count) {
    const char c = text[count];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'A' || c > 'F')) break;
    number = number << 4 | static_cast<std::uint32_t>(digit ? c - '0' : c - 'A' + 10);
  }
  return count;
}

// The length of the escape that begins the name, whose meaning is appended; 0 when there is none.
std::size_t append_escape(std::string& out, std::string_view name) {
  if (!name.starts_with("_x")) return 0;
  std::uint32_t c = 0;
  const std::size_t digits = hex_digits(name.substr(2), c);
  if ((digits != 4 && digits != 8) || name.size() < digits + 3 || name[digits + 2] != '_') return 0;
  if ((c >= 0xD800 && c <= 0xDFFF) || c > 0x10FFFF) return 0;
  append_utf8(out, c);
  return digits + 3;
}

}  // namespace

void append_escaped_name(std::string& out, std::string_view text) {
  if (text.empty()) out += kEmpty;
  bool first = true;
  while (!text.empty()) {
    const std::string_view bytes = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
    const std::uint32_t c = code_point(bytes);
    if (can_stand(c, first) && !text.starts_with("_x")) {
      out += bytes;
    } else {
      fmt::format_to(std::back_inserter(out), "_x{:0{}X}_", c, c > 0xFFFF ? 8 : 4);
    }
    text.remove_prefix(bytes.size());
    first = false;
  }
}

void append_unescaped_name(std::string& out, std::string_view name) {
  if (name == kEmpty) return;
  while (!name.empty()) {
    std::size_t length = append_escape(out, name);
    if (length == 0) {
      out += name.front();
      length = 1;
    }
    name.remove_prefix(length);
  }
}

}  // namespace docmill

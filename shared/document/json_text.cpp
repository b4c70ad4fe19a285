#include "shared/document/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "shared/document/utf8.h"

namespace docmill {
namespace {

// ASCII that stands for itself.
bool is_plain(char c) { return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

// The four hexadecimal digits that begin the text, which are known to be there.
std::uint32_t code_unit(std::string_view text) {
  std::uint32_t unit = 0;
  for (const char c : text.substr(0, 4)) {
    unit = unit * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return unit;
}

// What the escape that begins the text means; returns its length.
std::size_t append_escape(std::string& out, std::string_view text) {
  constexpr std::string_view kLetters = "bfnrt";
  constexpr std::string_view kMeanings = "\b\f\n\r\t";
  if (text[1] != 'u') {
    const std::size_t letter = kLetters.find(text[1]);
    out += letter == std::string_view::npos ? text[1] : kMeanings[letter];
    return 2;
  }
  const std::uint32_t unit = code_unit(text.substr(2));
  if (unit < 0xD800 || unit > 0xDFFF) {
    append_utf8(out, unit);
    return 6;
  }
  append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (code_unit(text.substr(8)) - 0xDC00));
  return 12;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    const auto plain = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xef\xbf\xbd";
    } else if (length > 1) {
      out += text.substr(0, length);
    } else {
      append_escaped(out, c);
    }
    text.remove_prefix(std::max(length, std::size_t{1}));
  }
  out += '"';
}

void append_json_decoded(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t plain = std::min(bytes.find('\\'), bytes.size());
    out += bytes.substr(0, plain);
    bytes.remove_prefix(plain);
    if (!bytes.empty()) bytes.remove_prefix(append_escape(out, bytes));
  }
}

std::string quote_escaped(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      quoted += text[i++];
      quoted += text[i];
    } else if (text[i] == '"' || static_cast<unsigned char>(text[i]) < 0x20) {
      append_escaped(quoted, text[i]);
    } else {
      quoted += text[i];
    }
  }
  return quoted += '"';
}

void append_base64(std::string& out, std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? static_cast<std::uint8_t>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= count ? kDigits[group >> (18 - 6 * i) & 0x3f] : '=';
    }
  }
}

}  // namespace docmill

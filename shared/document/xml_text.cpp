#include "shared/document/xml_text.h"

#include <algorithm>

#include "shared/document/utf8.h"
#include "shared/document/xml_chars.h"

namespace docmill {
namespace {

struct NamedReference {
  std::string_view text;
  char meaning;
};
constexpr NamedReference kNamedReferences[] = {
    {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};

// The reference at p, which is known to be right. Returns the place after it.
const char* append_reference(std::string& out, const char* p, const char* end) {
  if (p[1] != '#') {
    const std::string_view rest(p, static_cast<std::size_t>(end - p));
    for (const NamedReference& named : kNamedReferences) {
      if (!rest.starts_with(named.text)) continue;
      out.push_back(named.meaning);
      return p + named.text.size();
    }
  }
  const bool hex = p[2] == 'x';
  std::uint32_t c = 0;
  for (p += hex ? 3 : 2; *p != ';'; ++p) {
    const auto digit = static_cast<std::uint32_t>(*p <= '9' ? *p - '0' : (*p | 0x20) - 'a' + 10);
    c = c * (hex ? 16 : 10) + digit;
  }
  append_utf8(out, c);
  return p + 1;
}

// The bytes of the white space at the text's beginning: 0 when it begins with something else.
std::size_t leading_space(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.empty()) return 0;
  if (at(0) < 0x80) return is_space(text[0]) ? 1 : 0;
  if (text.size() >= 2 && at(0) == 0xC2) return at(1) == 0x85 || at(1) == 0xA0 ? 2 : 0;
  if (text.size() < 3) return 0;
  const unsigned rest = static_cast<unsigned>(at(1) << 8) | at(2);
  if (at(0) == 0xE1) return rest == 0x9A80 ? 3 : 0;  // U+1680
  if (at(0) == 0xE3) return rest == 0x8080 ? 3 : 0;  // U+3000
  if (at(0) != 0xE2) return 0;
  // U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
  const bool space = (rest >= 0x8080 && rest <= 0x808A) || rest == 0x80A8 || rest == 0x80A9 ||
                     rest == 0x80AF || rest == 0x819F;
  return space ? 3 : 0;
}

std::size_t trailing_space(std::string_view text) {
  for (std::size_t length = 1; length <= 3 && length <= text.size(); ++length) {
    const std::string_view tail = text.substr(text.size() - length);
    if ((static_cast<unsigned char>(tail[0]) & 0xC0) == 0x80) continue;
    return leading_space(tail) == length ? length : 0;
  }
  return 0;
}

void append_escaped(std::string& out, std::string_view content, bool attribute) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const char* escape = nullptr;
    switch (content[i]) {
      case '&':
        escape = "&amp;";
        break;
      case '<':
        escape = "&lt;";
        break;
      case '>':
        escape = attribute ? nullptr : "&gt;";
        break;
      case '"':
        escape = attribute ? "&quot;" : nullptr;
        break;
      case '\r':
        escape = "&#13;";
        break;
      case '\n':
        escape = attribute ? "&#10;" : nullptr;
        break;
      case '\t':
        escape = attribute ? "&#9;" : nullptr;
        break;
      default:
        break;
    }
    if (escape == nullptr) continue;
    out.append(content, done, i - done).append(escape);
    done = i + 1;
  }
  out.append(content, done);
}

}  // namespace

TextPlace locate(std::string_view bytes, std::size_t offset) {
  TextPlace place;
  offset = std::min(offset, bytes.size());
  std::size_t begin = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  for (std::size_t i = begin; i < offset; ++i) {
    const char c = bytes[i];
    if (c == '\n' || (c == '\r' && (i + 1 == bytes.size() || bytes[i + 1] != '\n'))) {
      ++place.line;
      place.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++place.column;
    }
  }
  return place;
}

void append_decoded(std::string& out, std::string_view bytes, XmlContent content) {
  const char* p = bytes.data();
  const char* end = p + bytes.size();
  const bool attribute = content == XmlContent::kAttribute;
  while (p != end) {
    const char* run = p;
    while (p != end && *p != '&' && *p != '\r' && !(attribute && (*p == '\n' || *p == '\t'))) ++p;
    out.append(run, p);
    if (p == end) return;
    if (*p == '&') {
      if (content != XmlContent::kCdata) {
        p = append_reference(out, p, end);
        continue;
      }
      out.push_back('&');
    } else if (attribute) {
      if (*p == '\r' && p + 1 != end && p[1] == '\n') ++p;
      out.push_back(' ');
    } else {
      if (p + 1 != end && p[1] == '\n') ++p;
      out.push_back('\n');
    }
    ++p;
  }
}

void append_text(std::string& out, std::string_view content) {
  append_escaped(out, content, false);
}

void append_attribute(std::string& out, std::string_view content) {
  append_escaped(out, content, true);
}

bool is_xml_text(std::string_view content) {
  const char* p = content.data();
  const char* end = p + content.size();
  while (p != end) {
    const auto c = static_cast<unsigned char>(*p);
    if (c < 0x80) {
      if (!is_xml_char(c)) return false;
      ++p;
    } else {
      p = skip_wide(p, end);
      if (p == nullptr) return false;
    }
  }
  return true;
}

bool is_qname(std::string_view name) {
  const char* begin = name.data();
  const char* end = begin + name.size();
  const char* p = skip_ncname(begin, end);
  if (p == begin) return false;
  if (p == end) return true;
  if (*p != ':') return false;
  const char* local = p + 1;
  p = skip_ncname(local, end);
  return p != local && p == end;
}

std::string_view strip_ends(std::string_view text) {
  while (const std::size_t length = leading_space(text)) text.remove_prefix(length);
  while (const std::size_t length = trailing_space(text)) text.remove_suffix(length);
  return text;
}

}  // namespace docmill

#include "tests/mutations/editions.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "shared/document/expat_verdict.h"
#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

bool expat_takes(const std::string& document) {
  XmlFailure failure;
  return expat_accepts(document, failure);
}

// Whether the editions differ about the character: in names at all, or at their beginning.
bool editions_differ(const std::string& character) {
  const bool begins = is_qname(character) && !expat_takes("<" + character + "/>");
  return begins || (is_qname("a" + character) && !expat_takes("<a" + character + "/>"));
}

// Expat is asked once for every character that occurs; above U+FFFF it knows no names. Tests are
// one thread.
bool editions_differ(std::uint32_t code, const std::string& character) {
  if (code > 0xFFFF) return is_qname(character);
  enum Answer : char { kNotAsked, kSame, kDifferent };
  static std::vector<Answer> answers(0x10000, kNotAsked);
  if (answers[code] == kNotAsked) answers[code] = editions_differ(character) ? kDifferent : kSame;
  return answers[code] == kDifferent;
}

}  // namespace

std::string with_4th_edition_names(const std::string& document) {
  // A byte order mark would be a character of names elsewhere.
  std::string out = document.starts_with("\xEF\xBB\xBF") ? document.substr(0, 3) : "";
  const char* end = document.data() + document.size();
  for (const char* p = document.data() + out.size(); p != end;) {
    const int length = static_cast<unsigned char>(*p) < 0x80 ? 1 : wide_length(p, end);
    if (length < 2) {
      out += *p++;
      continue;
    }
    const std::string character(p, static_cast<std::size_t>(length));
    std::uint32_t code = static_cast<unsigned char>(*p) & (0xFFu >> (length + 1));
    for (int i = 1; i < length; ++i) code = (code << 6) | (static_cast<unsigned char>(p[i]) & 0x3F);
    out += editions_differ(code, character) ? fmt::format("n{:x}z", code) : character;
    p += length;
  }
  return out;
}

}  // namespace docmill

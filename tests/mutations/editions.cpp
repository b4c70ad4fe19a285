#include "tests/mutations/editions.h"

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
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

// Expat is asked once for every character below U+10000; above it knows no names.
const std::vector<bool>& differing() {
  static const std::vector<bool> kDiffering = [] {
    std::vector<bool> differ(0x10000);
    for (std::uint32_t c = 0x80; c < differ.size(); ++c) {
      if (!is_xml_char(c)) continue;
      std::string character;
      append_decoded(character, fmt::format("&#{};", c), XmlContent::kText);
      differ[c] = editions_differ(character);
    }
    return differ;
  }();
  return kDiffering;
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
    const std::string_view character(p, static_cast<std::size_t>(length));
    std::uint32_t code = static_cast<unsigned char>(*p) & (0xFFu >> (length + 1));
    for (int i = 1; i < length; ++i) code = (code << 6) | (static_cast<unsigned char>(p[i]) & 0x3F);
    const bool differs = code < 0x10000 ? differing()[code] : is_qname(character);
    out += differs ? fmt::format("n{:x}z", code) : std::string(character);
    p += length;
  }
  return out;
}

}  // namespace docmill

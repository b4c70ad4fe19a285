#include "shared/document/xml_chars.h"

#include <algorithm>
#include <iterator>

namespace docmill {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// NameStartChar above ASCII, XML 1.0 5th edition, production 4.
constexpr Range kStartRanges[] = {
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},
    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};
// What production 4a adds above ASCII.
constexpr Range kMoreRanges[] = {{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <std::size_t kCount>
bool within(const Range (&ranges)[kCount], std::uint32_t c) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

unsigned byte(const char* p) { return static_cast<unsigned char>(*p); }
bool continues(const char* p) { return (byte(p) & 0xC0) == 0x80; }

std::uint32_t decode(const char* p, int length) {
  if (length == 2) return ((byte(p) & 0x1F) << 6) | (byte(p + 1) & 0x3F);
  if (length == 3) {
    return ((byte(p) & 0x0F) << 12) | ((byte(p + 1) & 0x3F) << 6) | (byte(p + 2) & 0x3F);
  }
  return ((byte(p) & 0x07) << 18) | ((byte(p + 1) & 0x3F) << 12) | ((byte(p + 2) & 0x3F) << 6) |
         (byte(p + 3) & 0x3F);
}

}  // namespace

int wide_length(const char* p, const char* end) {
  const unsigned first = byte(p);
  if (first < 0xE0) return first >= 0xC2 && end - p >= 2 && continues(p + 1) ? 2 : 0;
  if (first < 0xF0) {
    if (end - p < 3 || !continues(p + 1) || !continues(p + 2)) return 0;
    const std::uint32_t c = decode(p, 3);
    return c >= 0x800 && is_xml_char(c) ? 3 : 0;
  }
  if (first > 0xF4 || end - p < 4) return 0;
  if (!continues(p + 1) || !continues(p + 2) || !continues(p + 3)) return 0;
  const std::uint32_t c = decode(p, 4);
  return c >= 0x10000 && is_xml_char(c) ? 4 : 0;
}

const char* skip_wide(const char* p, const char* end) {
  while (p != end && (byte(p) & 0x80) != 0) {
    // The usual ones first: two bytes, and three that are neither overlong, surrogates nor U+FFFx.
    const unsigned first = byte(p);
    if (end - p >= 2 && first >= 0xC2 && first < 0xE0 && continues(p + 1)) {
      p += 2;
      continue;
    }
    if (end - p >= 3 && first > 0xE0 && first < 0xEF && first != 0xED && continues(p + 1) &&
        continues(p + 2)) {
      p += 3;
      continue;
    }
    const int length = wide_length(p, end);
    if (length == 0) return nullptr;
    p += length;
  }
  return p;
}

const char* skip_wide_ncname(const char* begin, const char* p, const char* end) {
  while (p != end) {
    const std::uint8_t kind = char_class(*p);
    if ((kind & (p == begin ? kNameStart : kNameChar)) != 0) {
      ++p;
      continue;
    }
    if ((kind & kWide) == 0) return p;
    const int length = wide_length(p, end);
    if (length == 0) return p;
    const std::uint32_t c = decode(p, length);
    if (!within(kStartRanges, c) && (p == begin || !within(kMoreRanges, c))) return p;
    p += length;
  }
  return p;
}

}  // namespace docmill

// The characters of XML 1.0 (5th edition) in UTF-8, and fast ways over runs of plain ones.
//
// Pure functions. [p, end) is a piece of a document; nothing is read outside of it.
#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <bit>
#include <cstdint>

namespace docmill {

enum CharClass : std::uint8_t {
  kNameStart = 1,  // ASCII letters and '_': what an NCName begins with
  kNameChar = 2,   // the same, digits, '-' and '.'
  kSpace = 4,      // space, tab, newline, carriage return
  kWide = 8,       // part of a character of two to four bytes
};

constexpr std::array<std::uint8_t, 256> make_char_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (unsigned c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool name = letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    classes[c] = static_cast<std::uint8_t>((letter ? kNameStart : 0) | (name ? kNameChar : 0) |
                                           (space ? kSpace : 0) | (c >= 0x80 ? kWide : 0));
  }
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> kCharClasses = make_char_classes();

inline std::uint8_t char_class(char c) { return kCharClasses[static_cast<unsigned char>(c)]; }
inline bool is_space(char c) { return (char_class(c) & kSpace) != 0; }

inline const char* skip_space(const char* p, const char* end) {
  while (p != end && is_space(*p)) ++p;
  return p;
}

// A character that XML allows in a document, written or referred to by number.
constexpr bool is_xml_char(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
         (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

// The bytes (2 to 4) of the character at p, whose first byte is 0x80 or above; 0 when they are not
// UTF-8 (cut off, overlong, a surrogate, too large) or XML does not allow the character.
int wide_length(const char* p, const char* end);
// The same for a run: the first byte below 0x80, or nullptr when one of the characters is not
// allowed.
const char* skip_wide(const char* p, const char* end);
// skip_ncname from the first character on that is not ASCII; begin is where the name begins.
const char* skip_wide_ncname(const char* begin, const char* p, const char* end);

// The end of the NCName (a name without ':') at p; p itself when there is none.
inline const char* skip_ncname(const char* p, const char* end) {
  const char* begin = p;
  if (p == end) return p;
  if ((char_class(*p) & kNameStart) != 0) {
    do ++p;
    while (p != end && (char_class(*p) & kNameChar) != 0);
    if (p == end || (char_class(*p) & kWide) == 0) return p;
  }
  return (char_class(*p) & kWide) != 0 ? skip_wide_ncname(begin, p, end) : p;
}

// The first byte that is a, b, c, not ASCII, or a control character other than newline and tab;
// with kStopAtBreaks newline and tab stop it too.
template <bool kStopAtBreaks>
inline const char* skip_plain(const char* p, const char* end, char a, char b, char c) {
#ifdef __SSE2__
  const __m128i va = _mm_set1_epi8(a);
  const __m128i vb = _mm_set1_epi8(b);
  const __m128i vc = _mm_set1_epi8(c);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Signed: bytes above 0x7f are negative, and so below a space as well.
    __m128i stop = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));
    if constexpr (!kStopAtBreaks) {
      const __m128i breaks = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
                                          _mm_cmpeq_epi8(v, _mm_set1_epi8('\t')));
      stop = _mm_andnot_si128(breaks, stop);
    }
    const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(v, va),
                                       _mm_or_si128(_mm_cmpeq_epi8(v, vb), _mm_cmpeq_epi8(v, vc)));
    const int mask = _mm_movemask_epi8(_mm_or_si128(stop, found));
    if (mask != 0) return p + std::countr_zero(static_cast<unsigned>(mask));
  }
#endif
  for (; p != end; ++p) {
    const char x = *p;
    if (x == a || x == b || x == c) return p;
    if (static_cast<signed char>(x) < ' ' && (kStopAtBreaks || (x != '\n' && x != '\t'))) return p;
  }
  return p;
}

}  // namespace docmill

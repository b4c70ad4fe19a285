#include "shared/document/json_buffer.h"

#include <algorithm>

#include "shared/document/xml_chars.h"

namespace docmill {
namespace {

char escape_letter(char c) {
  switch (c) {
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return c;  // '"' and '\\' stand for themselves
  }
}

bool needs_escape(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// Whether one of the eight bytes needs an escape, or is not ASCII.
bool may_need_escape(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x80 * kOnes;
  const std::uint64_t quote = bytes ^ ('"' * kOnes);
  const std::uint64_t slash = bytes ^ ('\\' * kOnes);
  // A byte below n leaves its highest bit set when n is taken off it.
  return (((bytes - 0x20 * kOnes) | (quote - kOnes) | (slash - kOnes) | bytes) & kHigh) != 0;
}

// Copies 4 to 15 bytes at once, as two halves that overlap, if none of them needs an escape.
bool copy_short(char* out, std::string_view text) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (text.size() >= sizeof first) {
    std::memcpy(&first, text.data(), sizeof first);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    if (may_need_escape(first) || may_need_escape(last)) return false;
    std::memcpy(out, &first, sizeof first);
    std::memcpy(out + text.size() - sizeof last, &last, sizeof last);
    return true;
  }
  constexpr std::size_t kHalf = sizeof first / 2;
  if (text.size() < kHalf) return false;
  std::memcpy(&first, text.data(), kHalf);
  std::memcpy(&last, text.data() + text.size() - kHalf, kHalf);
  if (may_need_escape(first | (last << 32))) return false;
  std::memcpy(out, &first, kHalf);
  std::memcpy(out + text.size() - kHalf, &last, kHalf);
  return true;
}

}  // namespace

void JsonBuffer::put_string(std::string_view text) {
  // Twice the text, the quotes, and room for a whole vector to be stored past the end.
  make_room(2 * text.size() + 2 + 16);
  char* out = bytes_.get() + size_;
  const char* p = text.data();
  const char* end = p + text.size();
  *out++ = '"';
  if (text.size() < 16 && copy_short(out, text)) {
    out[text.size()] = '"';
    size_ += text.size() + 2;
    return;
  }
  while (p != end) {
#ifdef __SSE2__
    if (end - p >= 16) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
      const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
      const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
                                           _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
      const auto mask = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(control, special)));
      const int plain = mask == 0 ? 16 : std::countr_zero(mask);
      p += plain;
      out += plain;
      if (mask == 0) continue;
    }
#endif
    const char c = *p++;
    if (needs_escape(c)) *out++ = '\\';
    *out++ = escape_letter(c);
  }
  *out++ = '"';
  size_ = static_cast<std::size_t>(out - bytes_.get());
}

void JsonBuffer::put_key(char prefix, std::string_view name) {
  make_room(name.size() + 4);
  char* out = bytes_.get() + size_;
  *out++ = '"';
  if (prefix != '\0') *out++ = prefix;
  std::memcpy(out, name.data(), name.size());
  out += name.size();
  *out++ = '"';
  *out++ = ':';
  size_ = static_cast<std::size_t>(out - bytes_.get());
}

void JsonBuffer::grow(std::size_t count) {
  capacity_ = std::max({std::size_t{4096}, 2 * capacity_, size_ + count});
  std::unique_ptr<char[]> larger(new char[capacity_]);
  if (size_ != 0) std::memcpy(larger.get(), bytes_.get(), size_);
  bytes_ = std::move(larger);
}

}  // namespace docmill

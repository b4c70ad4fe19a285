#include "shared/document/expat_encodings.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "shared/document/iconv_converter.h"

namespace docmill {
namespace {

// What expat's map says of a byte: a code point, kNoCharacter, or minus the length of the character
// that the byte begins.
constexpr int kNoCharacter = -1;
constexpr std::int64_t kLargest = 0xFFFF;  // expat takes no larger ones from a map

struct Encoding {
  IconvConverter converter;
  std::array<int, 256> map = {};
};

std::string bytes_of(int first) { return std::string(1, static_cast<char>(first)); }

// Which bytes go on after `begin`, which is the beginning of a character. Nothing when that depends
// on the bytes themselves, or gives a character that expat does not take.
struct Continued {
  bool whole = false;      // one more byte makes characters
  std::string unfinished;  // one of the beginnings, a byte longer, that need yet another byte
};
std::optional<Continued> go_on(IconvConverter& converter, const std::string& begin) {
  Continued result;
  for (int next = 0; next < 256; ++next) {
    const std::string bytes = begin + bytes_of(next);
    const std::int64_t character = converter.character(bytes);
    if (character > kLargest || character == IconvConverter::kSeveral) return std::nullopt;
    if (character >= 0) result.whole = true;
    if (character == IconvConverter::kIncomplete) result.unfinished = bytes;
  }
  if (result.whole && !result.unfinished.empty()) return std::nullopt;
  return result;
}

// What the map says of a byte that is the beginning of characters; nothing when no map can say it.
std::optional<int> length_from(IconvConverter& converter, const std::string& begin) {
  const std::optional<Continued> two = go_on(converter, begin);
  if (!two) return std::nullopt;
  if (two->whole) return -2;
  if (two->unfinished.empty()) return kNoCharacter;
  const std::optional<Continued> three = go_on(converter, two->unfinished);
  if (!three || !three->whole) return std::nullopt;
  return -3;
}

bool fill_map(Encoding& encoding) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::int64_t character = encoding.converter.character(bytes_of(byte));
    int& entry = encoding.map[static_cast<std::size_t>(byte)];
    if (character >= 0 && character <= kLargest) {
      entry = static_cast<int>(character);
    } else if (character == IconvConverter::kNone) {
      entry = kNoCharacter;
    } else {
      // Below 0x80 it is a shift into another state.
      if (character != IconvConverter::kIncomplete || byte < 0x80) return false;
      const std::optional<int> length = length_from(encoding.converter, bytes_of(byte));
      if (!length) return false;
      entry = *length;
    }
  }
  return true;
}

int convert(void* data, const char* bytes) {
  auto& encoding = *static_cast<Encoding*>(data);
  const int length = -encoding.map[static_cast<unsigned char>(*bytes)];
  const std::int64_t character =
      encoding.converter.character({bytes, static_cast<std::size_t>(length)});
  return character >= 0 && character <= kLargest ? static_cast<int>(character) : kNoCharacter;
}

void release(void* data) { delete static_cast<Encoding*>(data); }

int on_unknown(void*, const char* name, XML_Encoding* info) {
  std::optional<IconvConverter> converter = IconvConverter::open(name);
  if (!converter) return XML_STATUS_ERROR;
  auto encoding = std::make_unique<Encoding>(Encoding{std::move(*converter)});
  if (!fill_map(*encoding)) return XML_STATUS_ERROR;
  std::copy(encoding->map.begin(), encoding->map.end(), info->map);
  info->convert = convert;
  info->release = release;
  info->data = encoding.release();
  return XML_STATUS_OK;
}

}  // namespace

void read_encodings_with_iconv(XML_Parser parser) {
  XML_SetUnknownEncodingHandler(parser, on_unknown, nullptr);
}

}  // namespace docmill

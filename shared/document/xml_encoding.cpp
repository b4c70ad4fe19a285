#include "shared/document/xml_encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "shared/document/xml_chars.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::string_view bytes;
  std::size_t mark;  // how much of it is a byte order mark
  const char* encoding;
};

constexpr Signature kUtf32[] = {{"\xFF\xFE\0\0"sv, 4, "UTF-32LE"},
                                {"\0\0\xFE\xFF"sv, 4, "UTF-32BE"},
                                {"<\0\0\0"sv, 0, "UTF-32LE"},
                                {"\0\0\0<"sv, 0, "UTF-32BE"}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
  return out;
}

// The name in the declaration at the beginning; empty when there is none. Whether the declaration
// is right otherwise is judged later.
std::string_view declared_encoding(std::string_view bytes) {
  if (!bytes.starts_with("<?xml") || bytes.size() < 6 || !is_space(bytes[5])) return {};
  bytes = bytes.substr(0, bytes.find("?>"));
  const std::size_t word = bytes.find("encoding");
  if (word == bytes.npos) return {};
  const char* end = bytes.data() + bytes.size();
  const char* p = skip_space(bytes.data() + word + "encoding"sv.size(), end);
  if (p == end || *p != '=') return {};
  p = skip_space(p + 1, end);
  if (p == end || (*p != '"' && *p != '\'')) return {};
  const char* quote = std::find(p + 1, end, *p);
  if (quote == end) return {};
  return {p + 1, static_cast<std::size_t>(quote - p - 1)};
}

bool expat_knows(std::string_view encoding) {
  static constexpr std::array kNames = {"UTF-8"sv,    "UTF-16"sv,   "UTF-16BE"sv,
                                        "UTF-16LE"sv, "US-ASCII"sv, "ISO-8859-1"sv};
  return std::find(kNames.begin(), kNames.end(), upper(encoding)) != kNames.end();
}

bool names_utf32(std::string_view declared, std::string_view encoding) {
  const std::string name = upper(declared);
  return name.empty() || name == "UTF-32" || name == encoding || name == "ISO-10646-UCS-4" ||
         name == "UCS-4";
}

}  // namespace

Result<std::string_view> XmlEncoding::to_utf8(std::string_view bytes, Bytes limit) {
  for (const Signature& signature : kUtf32) {
    if (bytes.starts_with(signature.bytes)) {
      return convert(bytes, signature.mark, signature.encoding, limit);
    }
  }
  const std::string_view declared = declared_encoding(bytes);
  if (declared.empty() || expat_knows(declared)) return bytes;
  return convert(bytes, 0, std::string(declared), limit);
}

Result<std::string_view> XmlEncoding::convert(std::string_view bytes, std::size_t skipped,
                                              const std::string& encoding, Bytes limit) {
  if (!converter_ || converter_->encoding() != encoding) {
    converter_ = IconvConverter::open(encoding);
  }
  if (!converter_) return bytes;
  if (bytes.size() > limit.count) return bytes;  // which is refused for it in the same words
  utf8_.clear();
  const std::size_t done =
      skipped + converter_->append_utf8(bytes.substr(skipped), limit.count, utf8_);
  if (utf8_.size() > limit.count) {
    return malformed(
        fmt::format("the document has more than limits.document of {} in UTF-8", to_string(limit)));
  }
  if (done < bytes.size()) {
    const TextPlace place = locate(utf8_, utf8_.size());
    return malformed(fmt::format(
        "line {}, column {} (byte {}): byte 0x{:02x} begins no character "
        "of encoding '{}'",
        place.line, place.column, done, static_cast<unsigned char>(bytes[done]), encoding));
  }
  const std::string_view declared = declared_encoding(utf8_);
  const bool wide = skipped != 0 || bytes[0] == '\0' || bytes[1] == '\0';
  if (wide ? !names_utf32(declared, encoding) : declared != encoding) {
    return malformed(
        fmt::format("line 1, column 1: the XML declaration says encoding '{}', but "
                    "the document is not written in it",
                    wide ? declared : encoding));
  }
  if (!declared.empty()) {
    const std::size_t at = static_cast<std::size_t>(declared.data() - utf8_.data());
    utf8_.replace(at, declared.size(), "UTF-8");
  }
  return std::string_view(utf8_);
}

}  // namespace docmill

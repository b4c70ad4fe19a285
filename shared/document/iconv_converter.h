// IconvConverter: text in one encoding, converted with the C library's iconv.
//
// A resource, for one thread. Names are iconv's; "CHAR" and the like, which mean what a process is
// set to, are none here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace docmill {

class IconvConverter {
 public:
  // What a character of the given bytes alone is.
  static constexpr std::int64_t kNone = -1;        // these bytes begin no character
  static constexpr std::int64_t kIncomplete = -2;  // they begin one, and need more bytes
  static constexpr std::int64_t kSeveral = -3;     // they are more than one character

  // Nothing when iconv does not know the encoding.
  static std::optional<IconvConverter> open(const std::string& encoding);
  ~IconvConverter();
  IconvConverter(IconvConverter&& other) noexcept;
  IconvConverter& operator=(IconvConverter&& other) noexcept;

  const std::string& encoding() const { return encoding_; }

  // Appends the text as UTF-8 and gives the number of bytes converted: fewer than there are when
  // the next ones are no character of the encoding, or when out has grown above `most` bytes.
  std::size_t append_utf8(std::string_view text, std::uint64_t most, std::string& out);

  // The code point that the bytes, as a whole, stand for, or one of the constants.
  std::int64_t character(std::string_view bytes);

 private:
  IconvConverter(std::string encoding, void* handle)
      : encoding_(std::move(encoding)), handle_(handle) {}

  std::string encoding_;
  void* handle_;  // iconv_t, to UTF-8; null when moved from
};

}  // namespace docmill

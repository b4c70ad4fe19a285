// Little-endian integers and short strings in byte buffers; what every format of ours is written
// with.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "shared/base/check.h"

namespace docmill {

static_assert(std::endian::native == std::endian::little,
              "the formats are little-endian; a big-endian machine needs byte swaps here");

// Appends to a string. Does not fail.
class BinaryWriter {
 public:
  explicit BinaryWriter(std::string& out) : out_(out) {}

  template <std::unsigned_integral Number>
  void number(Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }
  // A length of the given integer type, then the bytes. A text that does not fit is a bug.
  template <std::unsigned_integral Length>
  void text(std::string_view bytes) {
    DOCMILL_CHECK(bytes.size() <= std::numeric_limits<Length>::max(), "{} bytes of '{}'",
                  bytes.size(), bytes.substr(0, 40));
    number(static_cast<Length>(bytes.size()));
    out_ += bytes;
  }

 private:
  std::string& out_;
};

// Reads from bytes that stay where they are. After a read past the end, ok() is false and every
// value is zero or empty.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : left_(bytes) {}

  template <std::unsigned_integral Number>
  Number number() {
    Number value = 0;
    if (take(sizeof value)) std::memcpy(&value, taken_.data(), sizeof value);
    return value;
  }
  template <std::unsigned_integral Length>
  std::string_view text() {
    return bytes(number<Length>());
  }
  std::string_view bytes(std::size_t count) { return take(count) ? taken_ : std::string_view(); }

  bool ok() const { return ok_; }
  std::string_view left() const { return left_; }

 private:
  bool take(std::size_t count) {
    if (count > left_.size()) {
      ok_ = false;
      left_ = {};
      return false;
    }
    taken_ = left_.substr(0, count);
    left_.remove_prefix(count);
    return true;
  }

  std::string_view left_;
  std::string_view taken_;
  bool ok_ = true;
};

}  // namespace docmill

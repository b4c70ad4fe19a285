#include "shared/document/iconv_converter.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace docmill {
namespace {

constexpr std::size_t kFailed = static_cast<std::size_t>(-1);

// Letters, digits and what stands between them, as XML wants it: iconv reads more into other signs.
bool is_name(std::string_view encoding) {
  static constexpr std::array<std::string_view, 3> kOfTheProcess = {"char", "wchar_t", "internal"};
  const auto allowed = [](unsigned char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
           c == '_' || c == '-';
  };
  std::string lower(encoding);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return !lower.empty() && std::all_of(lower.begin(), lower.end(), allowed) &&
         std::find(kOfTheProcess.begin(), kOfTheProcess.end(), lower) == kOfTheProcess.end();
}

}  // namespace

std::optional<IconvConverter> IconvConverter::open(const std::string& encoding) {
  if (!is_name(encoding)) return std::nullopt;
  const iconv_t handle = iconv_open("UTF-8", encoding.c_str());
  if (reinterpret_cast<std::size_t>(handle) == kFailed) return std::nullopt;
  return IconvConverter(encoding, handle);
}

IconvConverter::~IconvConverter() {
  if (handle_ != nullptr) iconv_close(handle_);
}

IconvConverter::IconvConverter(IconvConverter&& other) noexcept
    : encoding_(std::move(other.encoding_)), handle_(std::exchange(other.handle_, nullptr)) {}

IconvConverter& IconvConverter::operator=(IconvConverter&& other) noexcept {
  std::swap(encoding_, other.encoding_);
  std::swap(handle_, other.handle_);
  return *this;
}

std::size_t IconvConverter::append_utf8(std::string_view text, std::uint64_t most,
                                        std::string& out) {
  iconv(handle_, nullptr, nullptr, nullptr, nullptr);  // any state is of the last text
  char* in = const_cast<char*>(text.data());           // iconv does not write there
  std::size_t left = text.size();
  std::array<char, 16384> buffer;
  for (bool last = false;; last = last || left == 0) {
    char* begin = buffer.data();
    std::size_t room = buffer.size();
    // The last call gives what the encoding still holds back.
    const std::size_t result = last ? iconv(handle_, nullptr, nullptr, &begin, &room)
                                    : iconv(handle_, &in, &left, &begin, &room);
    const int error = errno;
    out.append(buffer.data(), buffer.size() - room);
    if (last || out.size() > most) break;
    if (result == kFailed && error != E2BIG) break;
  }
  return text.size() - left;
}

std::int64_t IconvConverter::character(std::string_view bytes) {
  iconv(handle_, nullptr, nullptr, nullptr, nullptr);
  char* in = const_cast<char*>(bytes.data());
  std::size_t left = bytes.size();
  std::array<char, 32> buffer;
  char* out = buffer.data();
  std::size_t room = buffer.size();
  if (iconv(handle_, &in, &left, &out, &room) == kFailed) {
    if (errno != EINVAL) return kNone;
    return left == bytes.size() ? kIncomplete : kSeveral;
  }
  iconv(handle_, nullptr, nullptr, &out, &room);
  const auto unit = [&buffer](std::size_t i) { return static_cast<unsigned char>(buffer[i]); };
  const std::size_t length = buffer.size() - room;
  if (length == 0) return kIncomplete;
  const unsigned first = unit(0);
  const std::size_t wanted = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length != wanted) return kSeveral;
  std::int64_t code = wanted == 1 ? first : first & (0xFFu >> (wanted + 1));
  for (std::size_t i = 1; i < wanted; ++i) code = code << 6 | (unit(i) & 0x3F);
  return code;
}

}  // namespace docmill

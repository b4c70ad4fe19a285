#include "shared/config/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

#include "shared/config/findings.h"

namespace docmill {
namespace {

// std::from_chars over the whole text; what it says about text that is not all number is
// invalid_argument.
template <typename N>
std::errc read_number(std::string_view text, N& value) {
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  return failure == std::errc() && stop != end ? std::errc::invalid_argument : failure;
}

bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Error not_a_whole_number(std::string_view text) {
  return config_error(fmt::format("must be a whole number, got {}", quote(text)));
}

// For text that is a whole number outside of the type.
template <typename N>
Error out_of_range(std::string_view text, N least, N most) {
  return text.starts_with('-')
             ? config_error(fmt::format("must be at least {}, got {}", least, quote(text)))
             : config_error(fmt::format("must be at most {}, got {}", most, quote(text)));
}

}  // namespace

Result<std::int64_t> parse_signed(std::string_view text, std::int64_t least, std::int64_t most) {
  if (!is_whole_number(text)) return not_a_whole_number(text);
  std::int64_t value = 0;
  if (read_number(text, value) != std::errc() || value < least || value > most) {
    return out_of_range(text, least, most);
  }
  return value;
}

Result<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t most) {
  if (!is_whole_number(text)) return not_a_whole_number(text);
  std::uint64_t value = 0;
  if (read_number(text, value) != std::errc() || value > most) {
    return out_of_range<std::uint64_t>(text, 0, most);
  }
  return value;
}

Error unknown_name(std::string_view text, std::span<const std::string_view> names) {
  const std::string_view near = nearest(text, names);
  const std::string cure = near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
  return config_error(fmt::format("must be {}, got {}{}", either(names), quote(text), cure));
}

Result<std::filesystem::path> ScalarType<std::filesystem::path>::parse(const std::string& text) {
  if (text.empty()) return config_error("must not be empty");
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (has_control) {
    return config_error(
        fmt::format("must be a path without control characters, got {}", quote(text)));
  }
  return std::filesystem::path(text);
}

Result<bool> ScalarType<bool>::parse(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return config_error(fmt::format("must be true or false, got {}", quote(text)));
}

Result<double> ScalarType<double>::parse(const std::string& text) {
  double value = 0;
  if (read_number(text, value) != std::errc() || !std::isfinite(value)) {
    return config_error(fmt::format("must be a number, got {}", quote(text)));
  }
  return value;
}

std::string ScalarType<double>::write(double value) { return fmt::format("{}", value); }

}  // namespace docmill

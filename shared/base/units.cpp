#include "shared/base/units.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <system_error>

namespace docmill {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: the first that divides a value is the one it is written in.
constexpr std::array kByteUnits = {Unit{"TiB", 1ULL << 40},
                                   Unit{"TB", 1'000'000'000'000},
                                   Unit{"GiB", 1ULL << 30},
                                   Unit{"GB", 1'000'000'000},
                                   Unit{"MiB", 1ULL << 20},
                                   Unit{"MB", 1'000'000},
                                   Unit{"KiB", 1ULL << 10},
                                   Unit{"KB", 1'000},
                                   Unit{"B", 1}};
constexpr std::array kTimeUnits = {
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};

constexpr std::uint64_t kLargestBytes = std::numeric_limits<std::int64_t>::max();
// A hundred years: added to the present time and doubled by a back-off it still is a duration.
constexpr std::uint64_t kLongestDuration = 876'000 * kTimeUnits[0].factor;

// expected: what the text must be, for the message; written after "must be".
template <std::size_t N>
Result<std::uint64_t> parse(std::string_view text, const std::array<Unit, N>& units,
                            std::uint64_t largest, std::string_view expected) {
  std::uint64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
  if (suffix.starts_with(' ')) suffix.remove_prefix(1);
  for (const Unit& unit : units) {
    if (failure == std::errc::invalid_argument || unit.name != suffix) continue;
    const std::uint64_t most = largest / unit.factor;
    if (failure == std::errc() && number <= most) return number * unit.factor;
    return config_error(fmt::format("must be at most {}{}, got '{}'", most, unit.name, text));
  }
  return config_error(fmt::format("must be {}, got '{}'", expected, text));
}

template <std::size_t N>
std::string write(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return fmt::format("{}{}", value / unit.factor, unit.name);
    }
  }
  return fmt::format("0{}", units.back().name);
}

}  // namespace

Result<Bytes> parse_bytes(std::string_view text) {
  const auto count = parse(text, kByteUnits, kLargestBytes,
                           "a size with a unit (B, KB, MB, GB, KiB, MiB, GiB), such as 64MiB");
  if (!count) return count.error();
  return Bytes{*count};
}

std::string to_string(Bytes size) { return write(size.count, kByteUnits); }

Result<Duration> parse_duration(std::string_view text) {
  const auto count = parse(text, kTimeUnits, kLongestDuration,
                           "a duration with a unit (us, ms, s, min, h), such as 200ms");
  if (!count) return count.error();
  return Duration(static_cast<std::int64_t>(*count));
}

std::string to_string(Duration duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  // Unsigned, because the lowest duration has no positive counterpart.
  return duration < Duration::zero() ? "-" + write(0 - count, kTimeUnits)
                                     : write(count, kTimeUnits);
}

std::string human_bytes(double bytes) {
  constexpr std::array<std::string_view, 6> kNames = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  // 999.5 and 99.95 are where rounding would add a digit.
  while (bytes >= 999.5 && unit + 1 < kNames.size()) {
    bytes /= 1000;
    ++unit;
  }
  return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 99.95 ? 0 : 1, kNames[unit]);
}

std::string human_count(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

}  // namespace docmill

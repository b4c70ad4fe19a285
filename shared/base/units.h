// Values with a unit: byte sizes and durations, as they are written in a pipeline file.
//
// Pure functions; a text that does not parse is a config Error that fits behind a field's name.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

using Duration = std::chrono::nanoseconds;

// A size in bytes.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

namespace literals {
constexpr Bytes operator""_B(unsigned long long n) { return {n}; }
constexpr Bytes operator""_KiB(unsigned long long n) { return {n << 10}; }
constexpr Bytes operator""_MiB(unsigned long long n) { return {n << 20}; }
constexpr Bytes operator""_GiB(unsigned long long n) { return {n << 30}; }
}  // namespace literals

// "64MiB", "10 MB", "512B": a whole number and a unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB), at
// most one space between them, below 2^63 bytes. The unit is required.
Result<Bytes> parse_bytes(std::string_view text);
// In the largest unit that divides it, so that parse_bytes gives the same size: "64MiB", "1500B".
std::string to_string(Bytes size);

// "200ms", "2 s", "5min", "1h": a whole number and a unit (ns, us, ms, s, min, h). The unit is
// required, and there is no negative duration.
Result<Duration> parse_duration(std::string_view text);
// In the largest unit that divides it, so that parse_duration gives the same: "1500ms", "-2s".
std::string to_string(Duration duration);

// For people: two or three digits and a decimal unit, "1.4 GB", "12.3 MB", "430 B".
std::string human_bytes(double bytes);
// For people: 1234567 as "1,234,567".
std::string human_count(std::uint64_t count);

}  // namespace docmill

// Values with a unit: byte sizes and durations, as they are written in a pipeline file.
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

// "64MiB", "10MB", "512B": a whole number and a unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB). The
// unit is required.
Result<Bytes> parse_bytes(std::string_view text);
// The largest unit that divides it, else bytes: "64MiB", "1500B".
std::string to_string(Bytes size);

// "200ms", "2s", "5min", "1h": a whole number and a unit (us, ms, s, min, h). The unit is required.
Result<Duration> parse_duration(std::string_view text);
std::string to_string(Duration duration);

// For people: "1.4 GB", "12.3 MB/s" are made of this: three digits and a decimal unit.
std::string human_bytes(double bytes);
// For people: 1234567 as "1,234,567".
std::string human_count(std::uint64_t count);

}  // namespace docmill

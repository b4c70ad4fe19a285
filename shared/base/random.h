// Random numbers of the kernel, for names that must never come twice: epochs, nonces, ids.
#pragma once

#include <cstdint>

namespace docmill {

// For names that must never come twice, and of which a later one must be greater: the milliseconds
// since 1970 with 21 random bits behind them. As far as the clocks of the hosts agree; see
// docs/decisions/0004-an-epoch-begins-with-the-time.md. Any thread.
std::uint64_t random_number_of_now();

// The same of the millisecond after a number of that kind.
std::uint64_t random_number_after(std::uint64_t earlier);
// The milliseconds since 1970 in a number of that kind.
constexpr std::uint64_t milliseconds_of(std::uint64_t number) { return number >> 21; }

// Any number but 0. Any thread; blocks at most until the kernel's generator is seeded at boot.
std::uint64_t random_number();

}  // namespace docmill

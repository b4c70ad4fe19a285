// Random numbers of the kernel, for names that must never come twice: epochs, nonces, ids.
#pragma once

#include <cstdint>

namespace docmill {

// Any number but 0. Any thread; blocks at most until the kernel's generator is seeded at boot.
std::uint64_t random_number();

}  // namespace docmill

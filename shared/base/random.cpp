#include "shared/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <chrono>

#include "shared/base/check.h"

namespace docmill {

std::uint64_t random_number_of_now() {
  constexpr int kRandomBits = 21;
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto time = static_cast<std::uint64_t>(now.count());
  return (time << kRandomBits) | (random_number() & ((1U << kRandomBits) - 1));
}

std::uint64_t random_number() {
  std::uint64_t number = 0;
  while (number == 0) {
    const ssize_t got = getrandom(&number, sizeof number, 0);
    DOCMILL_CHECK(got == sizeof number || errno == EINTR, "getrandom gave {}, errno {}", got,
                  errno);
    if (got != sizeof number) number = 0;
  }
  return number;
}

}  // namespace docmill

#include "shared/base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <chrono>

#include "shared/base/check.h"

namespace docmill {

namespace {

constexpr int kRandomBits = 21;

std::uint64_t random_number_of(std::uint64_t milliseconds) {
  return (milliseconds << kRandomBits) | (random_number() & ((1U << kRandomBits) - 1));
}

}  // namespace

std::uint64_t random_number_of_now() {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return random_number_of(static_cast<std::uint64_t>(now.count()));
}

std::uint64_t random_number_after(std::uint64_t earlier) {
  return random_number_of(milliseconds_of(earlier) + 1);
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

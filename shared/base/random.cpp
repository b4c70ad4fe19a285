#include "shared/base/random.h"

#include <sys/random.h>

#include <cerrno>

#include "shared/base/check.h"

namespace docmill {

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

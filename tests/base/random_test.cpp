#include "shared/base/random.h"

#include <chrono>
#include <set>

#include "tests/support/catch.h"

namespace docmill {
namespace {

std::uint64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

TEST_CASE("a number of now holds the time, so that later ones are greater, and none comes twice") {
  std::set<std::uint64_t> numbers;
  const std::uint64_t before = milliseconds_now();
  for (int i = 0; i < 4; ++i) numbers.insert(random_number_of_now());
  CHECK(numbers.size() == 4);
  CHECK(*numbers.begin() >> 21 >= before);
  CHECK(*numbers.rbegin() >> 21 <= milliseconds_now());
}

}  // namespace
}  // namespace docmill

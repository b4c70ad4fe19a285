#include "shared/base/throttle.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

using std::literals::chrono_literals::operator""min;
using std::literals::chrono_literals::operator""s;

TEST_CASE("a thing has one line in a minute, and the next says how many it held back") {
  Throttle throttle;
  const Time now{};
  CHECK(throttle.due("a", now) == 0U);
  CHECK_FALSE(throttle.due("a", now));
  CHECK_FALSE(throttle.due("a", now + 59s));
  CHECK(throttle.due("b", now + 59s) == 0U);
  CHECK(throttle.due("a", now + 60s) == 2U);
  CHECK_FALSE(throttle.due("a", now + 61s));
  CHECK(throttle.due("a", now + 3min) == 1U);
}

TEST_CASE("things beyond the limit share a turn until others are over") {
  Throttle throttle(1min, 2);
  const Time now{};
  CHECK(throttle.due("a", now) == 0U);
  CHECK(throttle.due("b", now + 1s) == 0U);
  CHECK(throttle.due("c", now + 2s) == 0U);
  CHECK_FALSE(throttle.due("d", now + 3s));
  CHECK_FALSE(throttle.due("c", now + 3s));
  CHECK(throttle.due("d", now + 61s) == 0U);  // the turns of a and b are over
  CHECK(throttle.due("e", now + 61s) == 0U);
  CHECK(throttle.due("f", now + 62s) == 2U);
}

TEST_CASE("a line ends with what was held back") {
  CHECK(more_like_it(0).empty());
  CHECK(more_like_it(12) == " (12 more like it)");
}

}  // namespace
}  // namespace docmill

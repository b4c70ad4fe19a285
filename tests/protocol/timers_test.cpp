// RoundTrip and Budget: when to send again, and how much.
#include "shared/protocol/budget.h"
#include "shared/protocol/round_trip.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

using namespace std::chrono_literals;

TEST_CASE("before the first round trip the timeout is the configured one, doubled to the most") {
  const RoundTrip trip({.first = 3s, .least = 1s, .most = 10s});
  CHECK(trip.timeout(0) == 3s);
  CHECK(trip.timeout(1) == 6s);
  CHECK(trip.timeout(2) == 10s);
  CHECK(trip.timeout(1000) == 10s);
}

TEST_CASE("the timeout follows the round trips and their variation, within its limits") {
  RoundTrip fast({.first = 3s, .least = 1s, .most = 60s});
  for (int i = 0; i < 50; ++i) fast.measured(10ms);
  CHECK(fast.timeout(0) == 1s);
  RoundTrip slow({.first = 3s, .least = 1s, .most = 60s});
  slow.measured(8s);
  CHECK(slow.timeout(0) == 24s);
  for (int i = 0; i < 100; ++i) slow.measured(8s);
  CHECK(slow.timeout(0) >= 8s);
  CHECK(slow.timeout(0) < 9s);
  RoundTrip endless({.first = 3s, .least = 1s, .most = 60s});
  endless.measured(600s);
  CHECK(endless.timeout(0) == 60s);
}

TEST_CASE("a budget grants its share of what was sent, and one for each timeout besides") {
  const Time start{100s};
  Budget budget(0.1, Bytes{1000});
  CHECK(budget.grant(50, start, 1s));
  CHECK_FALSE(budget.grant(50, start + 999ms, 1s));
  CHECK(budget.grant(50, start + 1s, 1s));
  budget.sent_first(1000);
  CHECK(budget.grant(50, start + 1s, 1s));
  CHECK(budget.grant(50, start + 1s, 1s));
  CHECK_FALSE(budget.grant(50, start + 1s, 1s));
  budget.answered_again(50);
  CHECK(budget.grant(100, start + 1s, 1s));
  CHECK_FALSE(budget.grant(100, start + 1s, 1s));
}

TEST_CASE("a budget saves up no more than its burst") {
  Budget budget(0.5, Bytes{100});
  budget.sent_first(1'000'000);
  CHECK(budget.grant(100, Time{100s}, 1s));
  CHECK_FALSE(budget.grant(1, Time{100s}, 1s));
}

}  // namespace
}  // namespace docmill

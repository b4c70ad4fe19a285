// When a run stops waiting for what its sinks have in spools.
#include "cli/drain.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using std::chrono::seconds;
using State = Drain::State;

Status sink(const std::string& name, std::uint64_t waiting, std::uint64_t answers) {
  return {name, "sink", {{"spilled_waiting", waiting}, {"spill_answers", answers}}};
}

struct Drained {
  Time now{};
  Drain drain{{"s1", "s2"}, seconds(30), now};
  void take(const Status& status) { drain.take(status, now); }
  State state() { return drain.state(now); }
};

TEST_CASE_METHOD(Drained, "a drain is over when every sink has told twice that nothing waits") {
  take(sink("s1", 0, 0));
  take(sink("s1", 0, 0));
  CHECK(state() == State::kUnknown);
  take(sink("s2", 0, 0));
  CHECK(state() == State::kWaiting);
  take(sink("s2", 0, 0));
  CHECK(state() == State::kEmpty);
}

TEST_CASE_METHOD(Drained, "a status that is older than the last documents does not end a drain") {
  take(sink("s1", 0, 0));
  take(sink("s1", 0, 0));
  take(sink("s2", 0, 0));
  take(sink("s2", 5, 1));
  CHECK(state() == State::kWaiting);
  CHECK(drain.waiting() == 5);
  take(sink("s2", 0, 0));
  CHECK(state() == State::kWaiting);
}

TEST_CASE_METHOD(Drained, "a receiver that answers is waited for, however slow") {
  take(sink("s1", 0, 0));
  take(sink("s2", 7, 0));
  for (std::uint64_t answers = 1; answers < 100; ++answers) {
    now += seconds(25);
    take(sink("s2", 7, answers));
    CHECK(state() == State::kWaiting);
  }
}

TEST_CASE_METHOD(Drained, "a receiver that has answered before and is silent now is given up") {
  take(sink("s1", 0, 0));
  take(sink("s2", 7, 5));
  now += seconds(20);
  take(sink("s2", 7, 6));
  for (int status = 0; status < 30; ++status) {
    now += seconds(1);
    take(sink("s2", 7, 6));
    CHECK(state() == State::kWaiting);
  }
  now += seconds(1);
  take(sink("s2", 7, 6));
  CHECK(state() == State::kGivenUp);
}

TEST_CASE_METHOD(Drained, "a receiver that takes nothing is given up after the patience") {
  take(sink("s1", 0, 0));
  take(sink("s2", 7, 0));
  now += seconds(30);
  CHECK(state() == State::kWaiting);
  // One document was taken.
  take(sink("s2", 6, 0));
  now += seconds(30);
  take(sink("s2", 6, 0));
  CHECK(state() == State::kWaiting);
  now += seconds(1);
  take(sink("s2", 6, 0));
  CHECK(state() == State::kGivenUp);
}

TEST_CASE_METHOD(Drained, "a sink that never tells is given up, too") {
  take(sink("s1", 0, 0));
  now += seconds(31);
  CHECK(state() == State::kGivenUp);
}

}  // namespace
}  // namespace docmill::test

// 10,000 seeds, or as many as DOCMILL_SEEDS says, from 1 or DOCMILL_FIRST on; DOCMILL_SEED tells
// one of them as a story.
#include "tests/simulation/simulation.h"

#include <cstdio>
#include <cstdlib>

#include "tests/support/catch.h"

namespace docmill::simulation {
namespace {

constexpr std::uint64_t kParts = 4;  // so that they run beside one another

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void run_part(std::uint64_t part) {
  const std::uint64_t seeds = number_from("DOCMILL_SEEDS", 10'000) / kParts;
  const std::uint64_t first = number_from("DOCMILL_FIRST", 1) + part * seeds;
  Coverage coverage;
  std::uint64_t events = 0;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = simulate(seed);
    if (outcome.failure) FAIL(*outcome.failure);
    if (outcome.events < 500) FAIL("seed " << seed << " has only " << outcome.events << " events");
    if (outcome.coverage.faults < 1) FAIL("seed " << seed << " has no fault");
    coverage.add(outcome.coverage);
    events += outcome.events;
  }
  std::printf("%llu seeds, %llu events\n%s", static_cast<unsigned long long>(seeds),
              static_cast<unsigned long long>(events), coverage.table().c_str());
  INFO(coverage.table());
  CHECK((seeds < 1000 || coverage.least() > 0));
}

TEST_CASE("every document ends exactly once whatever goes wrong: first quarter of the seeds") {
  run_part(0);
}
TEST_CASE("every document ends exactly once whatever goes wrong: second quarter of the seeds") {
  run_part(1);
}
TEST_CASE("every document ends exactly once whatever goes wrong: third quarter of the seeds") {
  run_part(2);
}
TEST_CASE("every document ends exactly once whatever goes wrong: last quarter of the seeds") {
  run_part(3);
}

TEST_CASE("one seed is told as a story") {
  const bool asked = std::getenv("DOCMILL_SEED") != nullptr;
  const Outcome outcome = simulate(number_from("DOCMILL_SEED", 1), Bug::kNone, asked);
  if (outcome.failure) FAIL(*outcome.failure);
  SUCCEED();
}

}  // namespace
}  // namespace docmill::simulation

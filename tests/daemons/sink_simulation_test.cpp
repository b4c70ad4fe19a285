// 2,000 seeds, or as many as DOCMILL_SEEDS says, from 1 or DOCMILL_FIRST on.
#include "tests/support/daemons/sink_simulation.h"

#include <cstdio>
#include <cstdlib>

#include "tests/support/catch.h"

namespace docmill::daemons {
namespace {

constexpr std::uint64_t kMostSeeds = 10'000;  // for a planted bug

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct PlantedBug {
  const char* name;
  Bug bug;
};

const PlantedBug kBugs[] = {
    {.name = "the disk ignores syncs", .bug = Bug::kSyncsIgnored},
    {.name = "a rejection is lost when its commit is tried again",
     .bug = Bug::kRejectionLostByRetry},
};

TEST_CASE("a sink writes every document once to each of its outputs, whatever goes wrong") {
  const std::uint64_t first = number_from("DOCMILL_FIRST", 1);
  const std::uint64_t seeds = number_from("DOCMILL_SEEDS", 2000);
  SinkOutcome sum;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const SinkOutcome outcome = simulate_sink(seed);
    if (outcome.failure) FAIL(*outcome.failure);
    sum.steps += outcome.steps;
    sum.lives += outcome.lives;
    sum.power_cuts += outcome.power_cuts;
    sum.orderly_ends += outcome.orderly_ends;
    sum.documents += outcome.documents;
  }
  std::printf(
      "%llu seeds: %llu documents, %llu steps, %llu lives, %llu power cuts, %llu ends\n",
      static_cast<unsigned long long>(seeds), static_cast<unsigned long long>(sum.documents),
      static_cast<unsigned long long>(sum.steps), static_cast<unsigned long long>(sum.lives),
      static_cast<unsigned long long>(sum.power_cuts),
      static_cast<unsigned long long>(sum.orderly_ends));
  CHECK(sum.power_cuts > 0);
  CHECK(sum.orderly_ends > 0);
}

TEST_CASE("each bug that is planted in a sink is caught") {
  for (const PlantedBug& planted : kBugs) {
    std::uint64_t seed = 1;
    SinkOutcome outcome = simulate_sink(seed, planted.bug);
    while (!outcome.failure && seed < kMostSeeds) outcome = simulate_sink(++seed, planted.bug);
    INFO(planted.name);
    CHECK(outcome.failure);
    CHECK_FALSE(simulate_sink(seed).failure);  // it is the bug that fails
    std::printf("%-52s %s\n", planted.name,
                outcome.failure ? outcome.failure->c_str() : "not caught");
  }
}

}  // namespace
}  // namespace docmill::daemons

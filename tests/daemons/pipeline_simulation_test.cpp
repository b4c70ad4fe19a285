// 10,000 seeds, or as many as DOCMILL_SEEDS says, from 1 or DOCMILL_FIRST on; DOCMILL_SEED tells
// one of them as a story.
#include "tests/support/daemons/pipeline_simulation.h"

#include <cstdio>
#include <cstdlib>

#include "tests/support/catch.h"

namespace docmill::daemons {
namespace {

constexpr std::uint64_t kParts = 4;  // so that they run beside one another
constexpr int kMostFailures = 5;
constexpr std::uint64_t kMostSeeds = 10'000;  // for a planted bug

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void run_part(std::uint64_t part) {
  const std::uint64_t seeds = number_from("DOCMILL_SEEDS", 10'000) / kParts;
  const std::uint64_t first = number_from("DOCMILL_FIRST", 1) + part * seeds;
  PipelineOutcome sum;
  int failures = 0;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const PipelineOutcome outcome = simulate_pipeline(seed);
    if (outcome.failure) {
      UNSCOPED_INFO(*outcome.failure);
      std::printf("%s\n", outcome.failure->c_str());
      std::fflush(stdout);
      if (++failures == kMostFailures) break;
    }
    sum.documents += outcome.documents;
    sum.events += outcome.events;
    sum.poisoned += outcome.poisoned;
    sum.counts.steps += outcome.counts.steps;
    sum.counts.lives += outcome.counts.lives;
    sum.counts.kills += outcome.counts.kills;
    sum.counts.crashes += outcome.counts.crashes;
    sum.counts.pauses += outcome.counts.pauses;
    sum.counts.power_cuts += outcome.counts.power_cuts;
    sum.counts.full_disks += outcome.counts.full_disks;
    sum.counts.orderly_ends += outcome.counts.orderly_ends;
  }
  const ProcessCounts& counts = sum.counts;
  std::printf(
      "%s\n",
      fmt::format(
          "{} seeds: {} documents, {} steps, {} lives, {} kills, {} crashes, {} "
          "pauses, {} power cuts, {} full disks, {} orderly ends, {} lives ended by a document",
          seeds, sum.documents, counts.steps, counts.lives, counts.kills, counts.crashes,
          counts.pauses, counts.power_cuts, counts.full_disks, counts.orderly_ends, sum.poisoned)
          .c_str());
  CHECK(failures == 0);
  if (seeds < 1000) return;
  CHECK(counts.kills > 0);
  CHECK(counts.crashes > 0);
  CHECK(counts.pauses > 0);
  CHECK(counts.power_cuts > 0);
  CHECK(counts.full_disks > 0);
  CHECK(counts.orderly_ends > 0);
  CHECK(sum.poisoned > 0);
}

TEST_CASE("real daemons deliver every document once whatever goes wrong: first quarter") {
  run_part(0);
}
TEST_CASE("real daemons deliver every document once whatever goes wrong: second quarter") {
  run_part(1);
}
TEST_CASE("real daemons deliver every document once whatever goes wrong: third quarter") {
  run_part(2);
}
TEST_CASE("real daemons deliver every document once whatever goes wrong: last quarter") {
  run_part(3);
}

TEST_CASE("a seed tells the same story each time") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const PipelineOutcome first = simulate_pipeline(seed);
    const PipelineOutcome second = simulate_pipeline(seed);
    INFO("seed " << seed);
    CHECK(first.events == second.events);
    CHECK(first.counts.steps == second.counts.steps);
  }
}

struct PlantedBug {
  const char* name;
  Bug bug;
};

const PlantedBug kBugs[] = {
    {"the disk of a sink ignores syncs", Bug::kSyncsIgnored},
    {"the disk of a producer ignores syncs", Bug::kProducerSyncsIgnored},
    {"a sink acknowledges before it commits", Bug::kAckBeforeCommit},
    {"a sink writes repeats again after a start", Bug::kRepeatsWritten},
    {"a rejection is lost when its commit is tried again", Bug::kRejectionLostByRetry},
    {"an ack is one message, however large", Bug::kAcksNotSplit},
    {"two outputs that reject a document end the sink", Bug::kStuckOnRejections},
    {"metadata does not count", Bug::kMetadataNotCounted},
    {"who is asked to stop has no deadline", Bug::kNoDeadline},
    {"an older copy of a sink's state passes for the newest", Bug::kCommitsNotCompared},
    {"heartbeats come in one burst", Bug::kHeartbeatsInABurst},
};

TEST_CASE("each bug that is planted in a pipeline is caught") {
  for (const PlantedBug& planted : kBugs) {
    std::uint64_t seed = 1;
    PipelineOutcome outcome = simulate_pipeline(seed, planted.bug);
    while (!outcome.failure && seed < kMostSeeds) outcome = simulate_pipeline(++seed, planted.bug);
    INFO(planted.name);
    CHECK(outcome.failure);
    CHECK_FALSE(simulate_pipeline(seed).failure);  // it is the bug that fails
    std::printf("%-52s %s\n", planted.name,
                outcome.failure ? outcome.failure->substr(0, outcome.failure->find('\n')).c_str()
                                : "not caught");
    std::fflush(stdout);
  }
}

TEST_CASE("one seed of the pipelines is told as a story") {
  const bool asked = std::getenv("DOCMILL_SEED") != nullptr;
  const PipelineOutcome outcome =
      simulate_pipeline(number_from("DOCMILL_SEED", 1), Bug::kNone, asked);
  if (outcome.failure) FAIL(*outcome.failure);
  SUCCEED();
}

}  // namespace
}  // namespace docmill::daemons

// The checker is worth what it catches: each of these mistakes must be seen within a few seeds.
#include <cstdio>

#include "tests/simulation/simulation.h"
#include "tests/support/catch.h"

namespace docmill::simulation {
namespace {

constexpr std::uint64_t kMostSeeds = 5000;

struct PlantedBug {
  const char* name;
  Bug bug;
  const char* planted;
};

const PlantedBug kBugs[] = {
    {.name = "ack before commit",
     .bug = Bug::kAckBeforeCommit,
     .planted = "the sink sends a group's acks when it begins the commit"},
    {.name = "ledger before output",
     .bug = Bug::kLedgerBeforeOutput,
     .planted = "a crash in a commit leaves the ledger's rows without the output they speak of"},
    {.name = "checkpoint ahead",
     .bug = Bug::kCheckpointAhead,
     .planted = "the checkpoint that is committed takes in what is in flight"},
    {.name = "early cut not written down",
     .bug = Bug::kEarlyCutNotRecorded,
     .planted = "cuts that the limits did not force are left out of the commit"},
    {.name = "sink list changed inside a block",
     .bug = Bug::kSinkListChangedInsideBlock,
     .planted = "a restart replays by the sink list of the pipeline file, not the recorded one"},
    {.name = "reservation not durable",
     .bug = Bug::kReservationNotRecorded,
     .planted = "the highest sequence that may be sent is left out of the commit"},
    {.name = "sent before its facts are durable",
     .bug = Bug::kSentBeforeFactsAreDurable,
     .planted = "the core is told that a commit is durable when it was only begun"},
    {.name = "dead letter settled by the producer",
     .bug = Bug::kDeadLetterSettledByProducer,
     .planted = "a condemned document is settled without asking the sink that owns it"},
    {.name = "timeout counted as a death",
     .bug = Bug::kTimeoutCountedAsDeath,
     .planted = "members are taken for silent when a batch timed out"},
    {.name = "watermark lost",
     .bug = Bug::kWatermarkLost,
     .planted = "a sink starts with the rows of its ledger, but not with the watermark"},
    {.name = "watermark ahead of the disk",
     .bug = Bug::kWatermarkAheadOfDisk,
     .planted = "headers carry the checkpoint in memory, not the durable one"},
    {.name = "output not cut back",
     .bug = Bug::kOutputNotCutBack,
     .planted = "a sink starts with all that was appended, committed or not"},
    {.name = "repeat written again",
     .bug = Bug::kRepeatWrittenAgain,
     .planted = "a sink writes what its ledger calls known"},
    {.name = "hash ignored",
     .bug = Bug::kHashIgnored,
     .planted = "a sink takes the same identity with other content for a repeat"},
    {.name = "share ignored",
     .bug = Bug::kShareIgnored,
     .planted = "a sink settles the whole batch when a piece of it comes"},
    {.name = "END before the last batch",
     .bug = Bug::kEndBeforeLastBatch,
     .planted = "END overtakes what is queued on its socket"},
    {.name = "file order not written down",
     .bug = Bug::kFileOrderNotRecorded,
     .planted = "a restart sorts the files anew, and one that came later goes ahead"},
    {.name = "turn ignored",
     .bug = Bug::kTurnIgnored,
     .planted = "a sink with order: source takes every batch for the first one of its producer"},
    {.name = "early batch acked",
     .bug = Bug::kEarlyAcked,
     .planted = "a sink acks what waits for its turn in memory"},
    {.name = "previous forgotten",
     .bug = Bug::kPreviousForgotten,
     .planted = "what a producer sends again does not name the batch before it"},
    {.name = "closed epoch taken",
     .bug = Bug::kClosedEpochTaken,
     .planted = "a sink writes what comes of an epoch though it knows a later one"},
    {.name = "keyed changed inside a block",
     .bug = Bug::kKeyedChangedInsideBlock,
     .planted = "a restart divides by key, or not, as the pipeline file says, not as recorded"},
    {.name = "divided over another list",
     .bug = Bug::kDividedByOwnList,
     .planted =
         "a member divides over the sinks of its pipeline file, not over those of the batch"},
    {.name = "void not recorded",
     .bug = Bug::kVoidNotRecorded,
     .planted = "a sink says that it has voided a document, and notes nothing"},
    {.name = "void not durable",
     .bug = Bug::kVoidForgotten,
     .planted = "a sink that starts again has forgotten what it has voided"},
    {.name = "void ignored by a late attempt",
     .bug = Bug::kVoidIgnored,
     .planted = "a sink writes what it has voided when a late attempt brings it"},
    {.name = "void taken for a dead letter",
     .bug = Bug::kVoidTakenForDead,
     .planted = "a producer takes a voided document for settled"},
    {.name = "dead letter before all are void",
     .bug = Bug::kDeadBeforeVoidEverywhere,
     .planted = "a condemned document becomes a dead letter when the first sink has voided it"},
};

TEST_CASE("each planted bug is caught") {
  for (const PlantedBug& planted : kBugs) {
    std::uint64_t seed = 1;
    Outcome outcome = simulate(seed, planted.bug);
    while (!outcome.failure && seed < kMostSeeds) outcome = simulate(++seed, planted.bug);
    INFO(planted.name << ": " << planted.planted);
    CHECK(outcome.failure);
    std::printf("%-40s seed %4llu: %s\n", planted.name, static_cast<unsigned long long>(seed),
                outcome.failure ? outcome.failure->substr(0, outcome.failure->find('\n')).c_str()
                                : "not caught");
  }
}

}  // namespace
}  // namespace docmill::simulation

#include "shared/protocol/sink_decision.h"

#include "tests/support/catch.h"

namespace docmill {
namespace {

// A producer of two sinks, which has settled up to batch 10 and may have sent up to 20.
ProducerState producer(bool keyed = false) {
  ProducerState state;
  state.lineage = {"p1", 7};
  state.checkpoint.sequence = 10;
  state.reserved = 20;
  Plan plan;
  plan.sinks = {"s1", "s2"};
  plan.keyed = keyed;
  state.plans = {{5, plan}, {15, plan}};
  state.ledgers = {{"s1", {{91, {1, 1}, 4}, 40}}, {"s2", {{92, {2, 1}, 6}, 60}}};
  return state;
}

TEST_CASE("what a forgotten sink had not acknowledged goes to the other sinks") {
  ProducerState state = producer();
  const SinkDecision decision = forget_sink(state, "s2", {"s1", "s3"}, 0);
  CHECK(decision.decided == Decided::kDone);
  CHECK(decision.text ==
        "p1 has forgotten sink s2: 60 documents that it had acknowledged, in batches up to 10, are "
        "in its output alone; the batches from 11 on that were its go to the other sinks");
  for (const PlanFrom& from : state.plans) CHECK(from.plan.sinks == std::vector<std::string>{"s1"});
  CHECK_FALSE(state.ledgers.contains("s2"));
  CHECK(state.forgotten == std::vector<ForgottenLedger>{{"s2", 92}});
  CHECK(decision.lost == LostDocuments{"s2", 60});
}

TEST_CASE("a forgotten sink that the file lists is replaced by a new one of its name") {
  ProducerState state = producer();
  const SinkDecision decision = forget_sink(state, "s2", {"s1", "s2"}, 0);
  CHECK(decision.decided == Decided::kDone);
  CHECK(decision.text.ends_with("go to a new sink s2"));
  CHECK(state.plans == producer().plans);
  CHECK(state.expected_of("s2") == ExpectedLedger{0, 0, 0, 92});
}

TEST_CASE("forgetting a sink again changes nothing") {
  for (const std::vector<std::string>& active :
       {std::vector<std::string>{"s1"}, std::vector<std::string>{"s1", "s2"}}) {
    ProducerState state = producer();
    forget_sink(state, "s2", active, 0);
    const ProducerState once = state;
    const SinkDecision again = forget_sink(state, "s2", active, 0);
    CHECK(again.decided == Decided::kNothing);
    CHECK_FALSE(again.lost);
    CHECK(again.text == "p1 has nothing to forget of sink s2");
    CHECK(state == once);
  }
}

TEST_CASE("the only sink of a plan is replaced by those that the file lists") {
  ProducerState state = producer();
  for (PlanFrom& from : state.plans) from.plan.sinks = {"s2"};
  forget_sink(state, "s2", {"s3", "s4"}, 0);
  for (const PlanFrom& from : state.plans) {
    CHECK(from.plan.sinks == std::vector<std::string>{"s3", "s4"});
  }
}

TEST_CASE("a sink that never acknowledged anything is forgotten, too") {
  ProducerState state = producer();
  state.ledgers.erase("s2");
  const SinkDecision decision = forget_sink(state, "s2", {"s1"}, 0);
  CHECK(decision.decided == Decided::kDone);
  CHECK(decision.text ==
        "p1 has forgotten sink s2: nothing that it had written was acknowledged; the batches from "
        "11 on that were its go to the other sinks");
  CHECK(state.forgotten.empty());
}

TEST_CASE("a sink that is not lost or not known is not forgotten") {
  ProducerState state = producer();
  CHECK(forget_sink(state, "s2", {"s1", "s2"}, 92).text ==
        "p1: expected that sink s2 is lost, found its ledger 000000000000005c in its state folder; "
        "start it, or move its state folder and its outputs away first");
  CHECK(forget_sink(state, "s9", {"s1", "s2"}, 0).text ==
        "p1 knows no sink s9; nothing was changed");
  CHECK(forget_sink(state, "s9", {"s1", "s2"}, 0).decided == Decided::kRefused);
  CHECK(state == producer());
  // The ledger in its folder is that of an empty replacement.
  CHECK(forget_sink(state, "s2", {"s1", "s2"}, 93).decided == Decided::kDone);
}

LedgerState restored(Sequence watermark, std::uint64_t documents) {
  LedgerState ledger;
  ledger.id = 92;
  ledger.commits = 3;
  ledger.lives = {{2, 1}};
  ledger.lineages[{"p1", 7}].watermark = watermark;
  ledger.lineages[{"p1", 7}].documents = documents;
  return ledger;
}

TEST_CASE("a restored sink is taken as it is, and the documents that it lacks are counted") {
  ProducerState state = producer();
  LedgerState ledger = restored(4, 45);
  // Settled beyond the checkpoint: not among what was acknowledged up to it.
  ledger.lineages[{"p1", 7}].entries[12] = {{1, 5, {}}};
  ledger.lineages[{"p1", 7}].entries[12][0].settled.add({0, 5, Outcome::kDelivered});
  const SinkDecision decision = accept_sink(state, "s2", ledger);
  CHECK(decision.decided == Decided::kDone);
  CHECK(
      decision.text.starts_with("p1 takes sink s2 as it is: 20 documents that it had acknowledged "
                                "are in no output, among those of batches "));
  CHECK(state.expected_of("s2") == ExpectedLedger{92, 0, 0, 0});
  CHECK(state.ledgers.at("s2").documents == 40);
  CHECK(decision.lost == LostDocuments{"s2", 20});
  CHECK(accept_sink(state, "s2", ledger).decided == Decided::kNothing);
}

TEST_CASE("a restored sink that lacks nothing up to the checkpoint loses nothing") {
  ProducerState state = producer();
  const SinkDecision decision = accept_sink(state, "s2", restored(10, 60));
  CHECK(decision.decided == Decided::kDone);
  CHECK(decision.text == "p1 takes sink s2 as it is: nothing in batches up to 10 is lost");
  CHECK_FALSE(decision.lost);
}

TEST_CASE("a keyed plan lists all batches that a restored sink may lack") {
  ProducerState state = producer(true);
  CHECK(accept_sink(state, "s2", restored(4, 45)).text.ends_with("among those of batches 5-10"));
}

TEST_CASE("where the restored ledger cannot be read its refusal tells what it lacks") {
  ProducerState state = producer();
  const SinkDecision decision = accept_sink(state, "s2", std::nullopt);
  CHECK(decision.decided == Decided::kDone);
  CHECK(decision.text ==
        "p1 takes sink s2 as it is: of the 60 documents in batches up to 10 that it had "
        "acknowledged, those that came after the copy was made are in no output; its refusal names "
        "the last batch that it has");
  CHECK(decision.lost == LostDocuments{"s2", 60, false});
}

TEST_CASE("a sink that lacks nothing, another ledger and an unknown sink are not accepted") {
  ProducerState state = producer();
  LedgerState ledger = restored(10, 60);
  ledger.commits = 6;
  CHECK(accept_sink(state, "s2", ledger).text ==
        "p1 has nothing to accept of sink s2: every commit that it acknowledged is in its ledger");
  ledger.id = 93;
  CHECK(
      accept_sink(state, "s2", ledger).text ==
      "p1: expected ledger 000000000000005c of sink s2, found 000000000000005d; put a copy of its "
      "state back, or run 'docmill sink forget FILE s2'");
  CHECK(accept_sink(state, "s9", ledger).text == "p1 knows no sink s9; nothing was changed");
  CHECK(state == producer());
}

}  // namespace
}  // namespace docmill

#include "shared/protocol/ledger_core.h"

#include "shared/protocol/owner.h"
#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a batch is written once, and acked each time it comes") {
  LedgerCore core("s1", ledger_nine());
  CHECK(take(core, header_of(1)) == Verdict::kWrite);
  CHECK(core.facts().rows.size() == 1);
  const std::vector<Ack> first = core.committed();
  REQUIRE(first.size() == 1);
  CHECK(first[0].ledger.id == 9);
  CHECK(first[0].run == Run{3, 33});
  CHECK(first[0].entries[0].settled == std::vector<SettledSpan>{{0, 4, Outcome::kDelivered}});

  BatchHeader again = header_of(1);
  again.attempt = 2;
  CHECK(take(core, again) == Verdict::kKnown);
  CHECK(core.has_group());
  CHECK(core.facts().rows.empty());
  const std::vector<Ack> second = core.committed();
  CHECK(second[0].entries[0].attempt == 2);
  CHECK(second[0].entries[0].settled == first[0].entries[0].settled);
  CHECK(core.state().totals.delivered == 4);
  CHECK(core.state().totals.suppressed == 4);
  CHECK_FALSE(core.has_group());
}

TEST_CASE("a repeat within one group is written once") {
  LedgerCore core("s1", ledger_nine());
  CHECK(take(core, header_of(1)) == Verdict::kWrite);
  CHECK(take(core, header_of(1)) == Verdict::kKnown);
  CHECK(core.facts().rows.size() == 1);
  CHECK(core.committed()[0].entries.size() == 2);
}

TEST_CASE("of a batch that comes in pieces, each document is written once") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1, {{1, 2}}));
  const Judgement whole = core.judge(header_of(1));
  CHECK(whole.verdict == Verdict::kWrite);
  CHECK(whole.fresh == Share{{0, 1}, {2, 4}});
}

TEST_CASE("the ack of a piece settles the piece, with what became of it") {
  LedgerCore core("s1", ledger_nine());
  BatchHeader condemned = header_of(1, {{2, 3}});
  condemned.condemned = true;
  core.judge(condemned);
  core.settle(condemned, {{2, 3, Outcome::kDead}}, 0);
  CHECK(core.committed()[0].entries[0].settled == std::vector<SettledSpan>{{2, 3, Outcome::kDead}});
  CHECK(core.state().totals.dead == 1);
}

TEST_CASE("a condemned document that was delivered before is not a dead letter") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  core.committed();
  BatchHeader condemned = header_of(1, {{2, 3}});
  condemned.condemned = true;
  CHECK(take(core, condemned) == Verdict::kKnown);
  CHECK(core.committed()[0].entries[0].settled ==
        std::vector<SettledSpan>{{2, 3, Outcome::kDelivered}});
}

TEST_CASE(
    "the same identity with other content is a collision, never a repeat, and acked as itself") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  core.committed();
  BatchHeader other = header_of(1);
  other.origin_hash = 1;
  CHECK(take(core, other) == Verdict::kCollision);
  CHECK(core.state().totals.collisions == 1);
  CHECK(core.state().totals.dead == 4);
  CHECK(core.committed()[0].entries[0].origin_hash == 1);
  CHECK(take(core, other) == Verdict::kKnown);
  CHECK(take(core, header_of(1)) == Verdict::kKnown);
}

TEST_CASE("a collision that comes in pieces is one collision to its end") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  BatchHeader other = header_of(1, {{0, 1}});
  other.origin_hash = 1;
  CHECK(take(core, other) == Verdict::kCollision);
  other.share = {{1, 4}};
  CHECK(take(core, other) == Verdict::kCollision);
  CHECK(core.state().totals.collisions == 1);
}

TEST_CASE("the watermark rises with the checkpoint, prunes, and never falls") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  take(core, header_of(2));
  core.committed();
  BatchHeader third = header_of(3);
  third.checkpoint = 2;
  take(core, third);
  const LedgerFacts facts = core.facts();
  REQUIRE(facts.marks.size() == 1);
  CHECK(facts.marks[0].watermark == 2);
  CHECK(core.state().lineages.at(kLineage).entries.size() == 1);
  core.committed();

  BatchHeader late = header_of(4);
  late.checkpoint = 1;
  take(core, late);
  CHECK(core.state().lineages.at(kLineage).watermark == 2);
}

TEST_CASE("what comes below the watermark is acked and dropped, whatever it holds") {
  LedgerState state = ledger_nine();
  state.lineages[kLineage] = {{3, 33}, 10, 0, {}};
  LedgerCore core("s1", state);
  BatchHeader late = header_of(10);
  late.checkpoint = 10;
  late.origin_hash = 1;
  CHECK(take(core, late) == Verdict::kKnown);
  CHECK(core.committed()[0].entries[0].settled.size() == 1);
  CHECK(core.state().totals.collisions == 0);
}

TEST_CASE("a row and the mark that prunes it may be in one group") {
  LedgerState state = ledger_nine();
  LedgerCore core("s1", state);
  take(core, header_of(1));
  BatchHeader second = header_of(2);
  second.checkpoint = 1;
  take(core, second);
  apply(core.facts(), state);
  const std::vector<Ack> acks = core.committed();
  CHECK(state == core.state());
  CHECK(acks[0].entries[0].settled == std::vector<SettledSpan>{{0, 4, Outcome::kDelivered}});
}

struct RefusalCase {
  const char* name;
  LineageLedger known;
  Run run;
  Sequence checkpoint;
  std::uint64_t ledger;
  std::optional<RefusalReason> refused;
  const char* text = "";
};

TEST_CASE("runs that contradict what the ledger knows are refused") {
  const std::vector<RefusalCase> cases = {
      {"the first run", {}, {3, 33}, 0, 0, {}},
      {"the same run", {{3, 33}, 5, 0, {}}, {3, 33}, 2, 9, {}},
      {"the next run from the watermark", {{2, 22}, 5, 0, {}}, {3, 33}, 5, 9, {}},
      {"an earlier run",
       {{4, 44}, 5, 0, {}},
       {3, 33},
       5,
       9,
       RefusalReason::kOldRun,
       "run 3 of p1 is older than run 4, which is known here, and is not taken any more; if it is "
       "alive, an old state folder was put back; put the newest one back, or start the whole "
       "pipeline over with --fresh"},
      {"state that was rolled back",
       {{2, 22}, 5, 0, {}},
       {3, 33},
       4,
       9,
       RefusalReason::kRolledBack,
       "its state says that batch 4 is the last whole one, but 5 was; an old state folder was put "
       "back; put the newest one back, or start the whole pipeline over with --fresh"},
      {"two holders of one state",
       {{3, 34}, 0, 0, {}},
       {3, 33},
       0,
       0,
       RefusalReason::kSecondRun,
       "another run 3 of p1 is known here; its state folder was copied, or an old one was put "
       "back; "
       "stop one of them, and go on with the newest folder"},
      {"a ledger in another's place",
       {},
       {3, 33},
       0,
       8,
       RefusalReason::kSwappedLedger,
       "expected ledger 0000000000000008, found 0000000000000009; put this sink's state folder "
       "back, or, if it is lost, run 'docmill sink forget FILE s1' on the hosts of the producers, "
       "or start the whole pipeline over with --fresh"},
  };
  for (const RefusalCase& one : cases) {
    INFO(one.name);
    LedgerState state = ledger_nine();
    if (one.known.run.counter > 0) state.lineages[kLineage] = one.known;
    LedgerCore core("s1", state);
    BatchHeader header = header_of(20);
    header.run = one.run;
    header.checkpoint = one.checkpoint;
    header.ledgers = {{one.ledger}};
    const Judgement judgement = core.judge(header);
    CHECK((judgement.verdict == Verdict::kRefused) == one.refused.has_value());
    if (!judgement.refusal) continue;
    CHECK(judgement.refusal->reason == one.refused);
    CHECK(judgement.refusal->text == one.text);
    CHECK_FALSE(core.has_group());
  }
}

TEST_CASE(
    "a later epoch closes the earlier ones of its producer, in one commit with its first batch") {
  LedgerCore core("s1", ledger_nine());
  BatchHeader other = header_of(1);
  other.lineage = {"p2", 3};
  take(core, other);
  take(core, header_of(1));
  LedgerState durable = ledger_nine();
  apply(core.facts(), durable);
  core.committed();
  take(core, header_of(2));  // in one group with what closes its epoch

  BatchHeader later = header_of(1);
  later.lineage.epoch = 8;
  later.run = {1, 11};
  CHECK(take(core, later) == Verdict::kWrite);
  CHECK(core.judge(header_of(3)).verdict == Verdict::kRefused);
  CHECK(core.facts().closed == std::vector<Lineage>{kLineage});
  apply(core.facts(), durable);
  CHECK(durable.lineages.size() == 2);
  CHECK(durable.totals.delivered == 16);
  const std::vector<Ack> acks = core.committed();
  CHECK(durable == core.state());
  REQUIRE(acks.size() == 1);
  CHECK(acks[0].lineage == later.lineage);

  LedgerCore reloaded("s1", durable);
  const Judgement judgement = reloaded.judge(header_of(2));
  REQUIRE(judgement.refusal);
  CHECK(judgement.refusal->reason == RefusalReason::kClosedEpoch);
  CHECK(judgement.refusal->lineage == kLineage);
  CHECK(judgement.refusal->text ==
        "epoch 0000000000000007 of p1 is closed: epoch 0000000000000008 was begun later; what is "
        "still on its way of the old one is dropped; stop the producer that has it, or, if there "
        "is no other and a clock was ahead, start it with --fresh after 1970-01-01T00:00:01Z");
  CHECK_FALSE(reloaded.has_group());
}

TEST_CASE("an epoch that is refused for its ledger closes no other one") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  BatchHeader later = header_of(1);
  later.lineage.epoch = 8;
  later.ledgers = {{5}};
  CHECK(core.judge(later).verdict == Verdict::kRefused);
  CHECK(take(core, header_of(2)) == Verdict::kWrite);
}

TEST_CASE("a batch that another sink owns is dropped and counted") {
  LedgerCore core("s1", ledger_nine());
  BatchHeader header = header_of(1);
  header.sinks = {"s1", "s2"};
  while (owner_of(kLineage, header.sequence, header.sinks) == "s1") ++header.sequence;
  CHECK(core.judge(header).verdict == Verdict::kMisrouted);
  header.sinks.clear();
  CHECK(core.judge(header).verdict == Verdict::kMisrouted);
  CHECK(core.misrouted() == 2);
  CHECK_FALSE(core.has_group());
}

TEST_CASE("acks are grouped by producer and run") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  take(core, header_of(2));
  BatchHeader other = header_of(1);
  other.lineage.producer = "p2";
  take(core, other);
  const std::vector<Ack> acks = core.committed();
  REQUIRE(acks.size() == 2);
  CHECK(acks[0].entries.size() == 2);
  CHECK(acks[1].lineage.producer == "p2");
}

}  // namespace
}  // namespace docmill

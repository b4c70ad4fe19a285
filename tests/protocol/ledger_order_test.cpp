// `order: source`: a batch is written when what its producer sent this sink before it is settled.
#include "shared/protocol/ledger_core.h"
#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

BatchHeader after(Sequence previous, Sequence sequence, Share share = {{0, 4}}) {
  BatchHeader header = header_of(sequence, std::move(share));
  header.previous = previous;
  return header;
}

LedgerCore ordered(LedgerState state = ledger_nine()) {
  return LedgerCore("s1", std::move(state), WriteOrder::kSource);
}

TEST_CASE("a batch is early until the one before it is settled, and leaves no trace until then") {
  LedgerCore core = ordered();
  CHECK(take(core, after(3, 7)) == Verdict::kEarly);
  CHECK(core.state().lineages.at(kLineage).entries.empty());
  CHECK(core.state().totals == LedgerTotals{});
  core.committed();
  CHECK_FALSE(core.has_group());
  CHECK(take(core, after(0, 3)) == Verdict::kWrite);
  CHECK(take(core, after(3, 7)) == Verdict::kWrite);
  CHECK(core.committed()[0].entries.size() == 2);
}

TEST_CASE("what has come early is told with the next acks, and settles nothing") {
  LedgerCore core = ordered();
  take(core, after(0, 3));
  core.judge(after(7, 8));
  core.early(after(7, 8), Early::kHeld);
  core.judge(after(8, 9));
  core.early(after(8, 9), Early::kHeld);
  core.early(after(8, 9), Early::kDropped);
  const std::vector<Ack> acks = core.committed();
  REQUIRE(acks.size() == 1);
  REQUIRE(acks[0].entries.size() == 3);
  CHECK(acks[0].entries[0] == Ack::Entry{8, 1, 508, {}, Early::kHeld});
  CHECK(acks[0].entries[1] == Ack::Entry{9, 1, 509, {}, Early::kDropped});
  CHECK(acks[0].entries[2].settled.size() == 1);
  core.early(after(7, 8), Early::kHeld);
  CHECK(core.has_group());
  CHECK(core.facts().empty());
  CHECK(core.committed().size() == 1);
  CHECK_FALSE(core.has_group());
}

TEST_CASE("the order of a ledger that was loaded goes on where it was") {
  LedgerCore first = ordered();
  take(first, after(0, 3));
  LedgerState durable = ledger_nine();
  apply(first.facts(), durable);
  LedgerCore second = ordered(durable);
  CHECK(take(second, after(7, 8)) == Verdict::kEarly);
  CHECK(take(second, after(3, 7)) == Verdict::kWrite);
  CHECK(take(second, after(7, 8)) == Verdict::kWrite);
}

TEST_CASE("what the watermark has passed holds nothing up, though its rows are gone") {
  LedgerCore core = ordered();
  BatchHeader header = after(3, 7);
  header.checkpoint = 3;
  CHECK(take(core, header) == Verdict::kWrite);
}

TEST_CASE("a batch that is settled in part holds up the next one, and its own later documents") {
  LedgerCore core = ordered();
  CHECK(take(core, after(0, 3, {{1, 2}})) == Verdict::kEarly);
  CHECK(take(core, after(0, 3, {{0, 1}})) == Verdict::kWrite);
  CHECK(take(core, after(0, 3, {{2, 4}})) == Verdict::kEarly);
  CHECK(take(core, after(3, 7)) == Verdict::kEarly);
  CHECK(take(core, after(0, 3, {{1, 2}})) == Verdict::kWrite);
  CHECK(take(core, after(3, 7)) == Verdict::kEarly);
  CHECK(take(core, after(0, 3, {{2, 4}})) == Verdict::kWrite);
  CHECK(take(core, after(3, 7)) == Verdict::kWrite);
}

TEST_CASE("a whole batch fills in what its parts have left") {
  LedgerCore core = ordered();
  take(core, after(0, 3, {{0, 1}}));
  const Judgement whole = core.judge(after(0, 3));
  CHECK(whole.verdict == Verdict::kWrite);
  CHECK(whole.fresh == Share{{1, 4}});
}

TEST_CASE("a repeat is acked whatever came before it, and producers do not wait for one another") {
  LedgerState state = ledger_nine();
  state.lineages[kLineage].entries[7].push_back({507, 4, {}});
  state.lineages[kLineage].entries[7][0].settled.add({0, 4, Outcome::kDelivered});
  LedgerCore core = ordered(state);  // as `order: any` has left it
  CHECK(take(core, after(3, 7)) == Verdict::kKnown);
  BatchHeader other = after(0, 1);
  other.lineage.producer = "p2";
  CHECK(take(core, other) == Verdict::kWrite);
}

TEST_CASE("what collides is settled at once, and holds nothing up") {
  LedgerCore core = ordered();
  take(core, after(0, 3, {{0, 1}}));
  BatchHeader changed = after(0, 3);
  changed.origin_hash = 1;
  CHECK(take(core, changed) == Verdict::kCollision);
  CHECK(take(core, after(3, 7)) == Verdict::kWrite);
}

}  // namespace
}  // namespace docmill

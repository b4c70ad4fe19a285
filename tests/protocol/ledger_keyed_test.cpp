// A ledger and keyed batches: shares for any sink of the list, and what is void.
#include "shared/protocol/owner.h"
#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

const std::vector<std::string> kSinks = {"s1", "s2", "s3"};

BatchHeader keyed(Sequence sequence, Share share = {{0, 4}}) {
  BatchHeader header = header_of(sequence, std::move(share));
  header.sinks = kSinks;
  header.keyed = true;
  return header;
}

// The first step: the document of this index is to be voided.
BatchHeader to_void(std::uint32_t index) {
  BatchHeader header = keyed(1, {{index, index + 1}});
  header.condemned = true;
  header.voids = true;
  return header;
}

// The second: every sink has voided it.
BatchHeader voided(std::uint32_t index) {
  BatchHeader header = to_void(index);
  header.voids = false;
  return header;
}

std::vector<SettledSpan> acked(LedgerCore& core) { return core.committed()[0].entries[0].settled; }

// The sink that owns batch 1, which is the one that writes what has no key.
std::string owner() { return owner_of(kLineage, 1, kSinks); }
std::string another() { return owner() == "s1" ? "s2" : "s1"; }

TEST_CASE("a share of a keyed batch is written by whoever of its list it was sent to") {
  for (const std::string& sink : kSinks) {
    LedgerCore core(sink, ledger_nine());
    CHECK(take(core, keyed(1, {{0, 1}, {2, 3}})) == Verdict::kWrite);
    CHECK(take(core, keyed(1, {{0, 1}, {2, 3}})) == Verdict::kKnown);
  }
  LedgerCore stranger("s4", ledger_nine());
  CHECK(take(stranger, keyed(1)) == Verdict::kMisrouted);
  CHECK(stranger.misrouted() == 1);
}

TEST_CASE("the ledger id that counts is that of the sink, not that of the owner") {
  BatchHeader header = keyed(1);
  header.ledgers = {{1}, {9}, {3}};
  LedgerCore second("s2", ledger_nine());
  CHECK(take(second, header) == Verdict::kWrite);
  LedgerCore third("s3", ledger_nine());
  CHECK(take(third, header) == Verdict::kRefused);
}

TEST_CASE("what a sink has voided it never writes, and says so again after a restart") {
  LedgerCore core("s2", ledger_nine());
  CHECK(take(core, to_void(2)) == Verdict::kKnown);
  LedgerState durable = ledger_nine();
  apply(core.facts(), durable);
  CHECK(acked(core) == std::vector<SettledSpan>{{2, 3, Outcome::kVoid}});

  LedgerCore restarted("s2", durable);
  const Judgement late = restarted.judge(keyed(1));
  CHECK(late.verdict == Verdict::kWrite);
  CHECK(late.fresh == Share{{0, 2}, {3, 4}});
  restarted.settle(keyed(1), {{0, 2, Outcome::kDelivered}, {3, 4, Outcome::kDelivered}}, 3);
  CHECK(acked(restarted) == std::vector<SettledSpan>{{0, 2, Outcome::kDelivered},
                                                     {2, 3, Outcome::kVoid},
                                                     {3, 4, Outcome::kDelivered}});
  CHECK(take(restarted, keyed(1, {{2, 3}})) == Verdict::kKnown);
  CHECK(acked(restarted) == std::vector<SettledSpan>{{2, 3, Outcome::kVoid}});
  const LedgerTotals& totals = restarted.state().totals;
  CHECK(totals.delivered + totals.filtered + totals.dead == 3);
}

TEST_CASE("a sink that has the document does not void it, but says what became of it") {
  LedgerCore core("s2", ledger_nine());
  take(core, keyed(1, {{2, 3}}));
  core.committed();
  CHECK(take(core, to_void(2)) == Verdict::kKnown);
  CHECK(core.facts().rows.empty());
  CHECK(acked(core) == std::vector<SettledSpan>{{2, 3, Outcome::kDelivered}});
}

TEST_CASE("what is void everywhere is written by the owner of its batch, once") {
  LedgerCore core(owner(), ledger_nine());
  take(core, to_void(2));
  core.committed();
  const Judgement judgement = core.judge(voided(2));
  CHECK(judgement.verdict == Verdict::kWrite);
  CHECK(judgement.fresh == Share{{2, 3}});
  core.settle(voided(2), {{2, 3, Outcome::kDead}}, 0);
  CHECK(acked(core) == std::vector<SettledSpan>{{2, 3, Outcome::kDead}});
  CHECK(core.state().totals.dead == 1);

  // Neither step changes anything when it comes again, nor does a late attempt.
  for (const BatchHeader& again : {voided(2), to_void(2), keyed(1, {{2, 3}})}) {
    CHECK(take(core, again) == Verdict::kKnown);
    CHECK(core.facts().rows.empty());
    CHECK(acked(core) == std::vector<SettledSpan>{{2, 3, Outcome::kDead}});
  }
}

TEST_CASE("what is void everywhere is misrouted anywhere but at the owner of its batch") {
  LedgerCore core(another(), ledger_nine());
  take(core, to_void(2));
  CHECK(take(core, voided(2)) == Verdict::kMisrouted);
}

TEST_CASE("with order: source a keyed batch of an earlier plan does not wait for its turn") {
  LedgerCore core("s1", ledger_nine(), WriteOrder::kSource);
  CHECK(take(core, keyed(5, {{2, 3}})) == Verdict::kWrite);
}

}  // namespace
}  // namespace docmill

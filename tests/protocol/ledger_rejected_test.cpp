#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a document that could not be written is dead in the same group, once") {
  LedgerCore core("s1", ledger_nine());
  core.judge(header_of(1));
  core.settle(header_of(1), {{0, 3, Outcome::kDelivered}, {3, 4, Outcome::kFiltered}}, 5);
  const std::vector<std::uint32_t> inputs = {1, 1};  // two documents of one input
  core.reject(header_of(1), inputs);
  REQUIRE(core.facts().rows.size() == 1);
  CHECK(core.state().totals.delivered == 2);
  CHECK(core.state().totals.filtered == 1);
  CHECK(core.state().totals.dead == 1);
  CHECK(core.state().totals.written == 3);
  const std::vector<SettledSpan> settled = {{0, 1, Outcome::kDelivered},
                                            {1, 2, Outcome::kDead},
                                            {2, 3, Outcome::kDelivered},
                                            {3, 4, Outcome::kFiltered}};
  CHECK(core.facts().rows[0].entry.settled.spans() == settled);
  CHECK(core.facts().totals == core.state().totals);
  CHECK(core.committed()[0].entries[0].settled == settled);
  CHECK(take(core, header_of(1)) == Verdict::kKnown);
}

TEST_CASE("a document whose epoch was closed in the same group can still be rejected") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  BatchHeader later = header_of(1);
  ++later.lineage.epoch;
  take(core, later);
  core.reject(header_of(1), std::vector<std::uint32_t>{0});
  // Another output rejects two documents, one of an input that is dead already.
  core.reject(header_of(1), std::vector<std::uint32_t>{0, 2});
  CHECK(core.facts().rows.size() == 1);
  CHECK(core.state().totals.delivered == 6);
  CHECK(core.state().totals.dead == 2);
  CHECK(core.state().totals.written == 5);
  CHECK(core.committed().size() == 1);
}

TEST_CASE("a document whose batch the watermark has passed in the same group is counted as dead") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1));
  BatchHeader later = header_of(2);
  later.checkpoint = 1;
  take(core, later);
  core.reject(header_of(1), std::vector<std::uint32_t>{3});
  CHECK(core.facts().rows.size() == 1);
  CHECK(core.state().totals.delivered == 7);
  CHECK(core.state().totals.dead == 1);
  CHECK(core.state().totals.written == 7);
}

}  // namespace
}  // namespace docmill

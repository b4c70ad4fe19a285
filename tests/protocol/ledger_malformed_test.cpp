#include "tests/protocol/ledger_fixture.h"
#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("a batch never has another number of documents than before") {
  LedgerCore core("s1", ledger_nine());
  take(core, header_of(1, {{0, 1}}));
  core.committed();
  const LedgerState before = core.state();
  BatchHeader larger = header_of(1, {{5, 6}});
  larger.documents = 10;
  larger.checkpoint = 1;
  BatchHeader smaller = header_of(1, {{0, 1}});
  smaller.documents = 1;
  for (const BatchHeader& header : {larger, smaller}) {
    CHECK(core.judge(header).verdict == Verdict::kMalformed);
    CHECK(core.state() == before);
    CHECK_FALSE(core.has_group());
  }
  CHECK(take(core, header_of(1)) == Verdict::kWrite);
}

}  // namespace
}  // namespace docmill

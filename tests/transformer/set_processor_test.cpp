#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("set changes, and creates the last step where its parent exists") {
  const struct {
    std::string yaml;
    std::string xml;
    std::string made;
  } kCases[] = {
      {"- set: { path: price, value: '12.00' }", "<b><price>1</price></b>",
       "<b><price>12.00</price></b>"},
      {"- set: { path: price, value: '12.00' }", "<b/>", "<b><price>12.00</price></b>"},
      {"- set: { path: '@id', value: 'a<b' }", "<b/>", "<b id=\"a&lt;b\"/>"},
      {"- set: { path: c/@n, value: x }", "<b><c/><c n='1'/></b>", "<b><c/><c n=\"x\"/></b>"},
  };
  for (const auto& test : kCases) {
    INFO(test.yaml << " on " << test.xml);
    CHECK(through(test.yaml, test.xml) ==
          std::vector<Made>{{EntryKind::kDocument, Format::kXml, test.made, ""}});
  }
}

TEST_CASE("what cannot be set becomes a dead letter") {
  const auto made = through("- set: { path: c/d, value: x }", "<b/>");
  REQUIRE(made.size() == 1);
  CHECK(made[0].kind == EntryKind::kDead);
  CHECK(made[0].bytes == "<b/>");
}

}  // namespace
}  // namespace docmill::test

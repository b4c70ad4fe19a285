#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("select makes a document of each result, in document order") {
  CHECK(through("- select: { path: c }", "<b xmlns='urn:x'><c>1</c><d/><c>2</c></b>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml, "<c xmlns=\"urn:x\">1</c>", ""},
                          {EntryKind::kDocument, Format::kXml, "<c xmlns=\"urn:x\">2</c>", ""}});
}

TEST_CASE("select gives the text of what is not an element") {
  CHECK(through("- select: { path: '@id' }", "<b id='7'/>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kText, "7", ""}});
}

TEST_CASE("a document in which select finds nothing is filtered") {
  CHECK(through("- select: { path: x }", "<b/>") ==
        std::vector<Made>{{EntryKind::kFiltered, Format::kBytes, "", ""}});
}

}  // namespace
}  // namespace docmill::test

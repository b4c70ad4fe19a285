#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("to_xml makes natural XML of JSON, and says what the shape does not") {
  CHECK(through("- to_xml", R"({"book":{"id":7,"author":["Ada","Bob"]}})", Format::kJson) ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml,
                           "<book xmlns:json=\"urn:docmill:json\"><id json:type=\"number\">7</id>"
                           "<author>Ada</author><author>Bob</author></book>",
                           ""}});
  CHECK(through("- to_xml: { hints: false, root: rows, item: row, controls: replace }",
                R"([1,"\u0000"])", Format::kJson) ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml,
                           "<rows><row>1</row><row>\xEF\xBF\xBD</row></rows>", "",
                           R"("loss":"number, type, array, character")"}});
}

TEST_CASE("to_xml undoes to_json") {
  const std::string xml = "<a x=\"1\"><b>2</b><b/></a>";
  CHECK(through("- to_json\n- to_xml: { convention: compact }", xml) ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml, xml, ""}});
}

TEST_CASE("to_xml checks XML and passes it as it is") {
  CHECK(through("- to_xml", "<a >x</a>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kXml, "<a >x</a>", ""}});
}

TEST_CASE("a name that is none becomes a dead letter, never markup") {
  const std::string json = R"({"a><evil/":1})";
  CHECK(through("- to_xml: { convention: compact }", json, Format::kJson) ==
        std::vector<Made>{{EntryKind::kDead, Format::kJson, json,
                           "transformer.to_xml: line 1, column 2: expected a name of an element, "
                           "found 'a><evil/'"}});
}

}  // namespace
}  // namespace docmill::test

#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("to_json makes the compact convention of XML") {
  CHECK(through("- to_json", R"(<book id="7"><a>x</a><a>y</a><b/>text</book>)") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kJson,
                           R"({"book":{"@id":"7","a":["x","y"],"b":null,"#text":"text"}})", "",
                           R"("loss":"mixed")"}});
}

TEST_CASE("to_json makes a list of what force_list names, by name or by path") {
  CHECK(
      through("- to_json: { force_list: [a, /r/s/b] }", "<r><a>1</a><b>2</b><s><b>3</b></s></r>") ==
      std::vector<Made>{{EntryKind::kDocument, Format::kJson,
                         R"({"r":{"a":["1"],"b":"2","s":{"b":["3"]}}})", ""}});
}

TEST_CASE("to_json passes JSON with its lexemes, without the white space between them") {
  CHECK(through("- to_json", "{\"n\": 1.10}\n", Format::kJson) ==
        std::vector<Made>{{EntryKind::kDocument, Format::kJson, "{\"n\":1.10}", ""}});
}

TEST_CASE("JSON that is not well-formed becomes a dead letter with its place") {
  CHECK(through("- to_json", "{\"n\": 1,\n}", Format::kJson) ==
        std::vector<Made>{{EntryKind::kDead, Format::kJson, "{\"n\": 1,\n}",
                           "transformer.to_json: line 2, column 1: expected a key in double "
                           "quotes, found '}'"}});
}

TEST_CASE("what is not well-formed becomes a dead letter with its place") {
  CHECK(through("- to_json", "<a>\n  <b></a>") ==
        std::vector<Made>{
            {EntryKind::kDead, Format::kXml, "<a>\n  <b></a>",
             "transformer.to_json: line 2, column 6: expected '</b>', found another end tag "
             "or none"}});
}

}  // namespace
}  // namespace docmill::test

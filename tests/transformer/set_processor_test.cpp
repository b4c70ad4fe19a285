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

TEST_CASE("set of JSON changes one value and no other byte") {
  const std::string document = R"({ "a" : 1.50, "b":[ 1, 2 ], "c\u0020d": {} })";
  check_outcomes({
      {"- set: { path: /a, value: '12.00' }", document,
       R"({ "a" : "12.00", "b":[ 1, 2 ], "c\u0020d": {} })"},
      {"- set: { path: /a, json: '12.00' }", document,
       R"({ "a" : 12.00, "b":[ 1, 2 ], "c\u0020d": {} })"},
      {"- set: { path: /b/0, value: \"a\\\"\" }", document,
       R"({ "a" : 1.50, "b":[ "a\"", 2 ], "c\u0020d": {} })"},
      {"- set: { path: /b/-, json: '{ \"x\": [] }' }", document,
       R"({ "a" : 1.50, "b":[ 1, 2,{"x":[]} ], "c\u0020d": {} })"},
      {"- set: { path: '/c d/e', json: 'null' }", document,
       R"({ "a" : 1.50, "b":[ 1, 2 ], "c\u0020d": {"e":null} })"},
      {"- set: { path: /n, json: 'true' }", document,
       R"({ "a" : 1.50, "b":[ 1, 2 ], "c\u0020d": {},"n":true })"},
      {"- set: { path: '', json: '1' }", document, "1"},
      {"- set: { path: /x/y, value: v }", document,
       "transformer.set: /x/y: nothing in the document matches, and no parent to create it in"},
      {"- set: { path: /b/7, value: v }", document,
       "transformer.set: /b/7: nothing in the document matches, and no parent to create it in"},
      {"- set: { path: /a/b, json: '1' }", "<a/>",
       "transformer.set: the document is XML, and 'json' is a value for JSON; use 'value'"},
  });
  CHECK(
      findings_of("- set: { path: /a, json: '01' }") ==
      "test.yaml:1: set.json: expected a JSON value, found '01': line 1, column 1: a number with a "
      "leading zero; write it without\n");
  CHECK(findings_of("- set: { path: /a }") ==
        "test.yaml:1: set: must have one of value or json, got neither\n");
}

TEST_CASE("set creates names of a namespace with the prefix that a document has for it") {
  const std::string yaml = "- set: { path: 'o:c', value: x, namespaces: { o: 'urn:o' } }";
  const std::string attribute = "- set: { path: '@o:c', value: x, namespaces: { o: 'urn:o' } }";
  check_outcomes({
      {yaml, "<b xmlns='urn:o'/>", "<b xmlns=\"urn:o\"><c>x</c></b>"},
      {yaml, "<b xmlns:z='urn:o'/>", "<b xmlns:z=\"urn:o\"><z:c>x</z:c></b>"},
      {yaml, "<b/>", "<b><o:c xmlns:o=\"urn:o\">x</o:c></b>"},
      {yaml, "<b xmlns:o='urn:p'/>", "<b xmlns:o=\"urn:p\"><o1:c xmlns:o1=\"urn:o\">x</o1:c></b>"},
      {attribute, "<b xmlns='urn:o'/>", "<b xmlns=\"urn:o\" xmlns:o=\"urn:o\" o:c=\"x\"/>"},
      {"- set: { path: 'o:c', value: x }", "<b/>",
       "transformer.set: o:c: namespace prefix 'o' is not declared in the document"},
  });
}

}  // namespace
}  // namespace docmill::test

#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("add makes a new part even where there is one") {
  check_outcomes({
      {"- add: { path: c, name: d, value: 'a<b' }", "<b><c><d/></c><c/></b>",
       "<b><c><d/><d>a&lt;b</d></c><c><d>a&lt;b</d></c></b>"},
      {"- add: { path: ., name: d, value: '', position: first }", "<b><c/></b>", "<b><d/><c/></b>"},
      {"- add: { path: ., name: '@k', value: '1' }", "<b l='2'/>", "<b l=\"2\" k=\"1\"/>"},
      {"- add: { path: ., name: 'o:d', value: x, namespaces: { o: 'urn:o' } }",
       "<z:b xmlns:z='urn:o'/>", "<z:b xmlns:z=\"urn:o\"><z:d>x</z:d></z:b>"},
      {"- add: { path: '', name: d, json: '1.50' }", R"({ "a": 1 })", R"({ "a": 1,"d":1.50 })"},
      {"- add: { path: '', name: d, value: x, position: first }", R"({ "a": 1 })",
       R"({"d":"x", "a": 1 })"},
      {"- add: { path: /a, name: '-', value: x }", R"({ "a": [ ] })", R"({ "a": ["x" ] })"},
      {"- add: { path: /a, name: '-', json: '0', position: first }", R"({ "a": [ [1], 2] })",
       R"({ "a": [0, [1], 2] })"},
  });
}

TEST_CASE("what cannot be added becomes a dead letter") {
  check_outcomes({
      {"- add: { path: c, name: d, value: x }", "<b/>",
       "transformer.add: c: nothing in the document matches"},
      {"- add: { path: '@k', name: d, value: x }", "<b k='1'/>",
       "transformer.add: @k: matches what is no element"},
      {"- add: { path: ., name: '@k', value: x }", "<b k='1'/>",
       "transformer.add: .: attribute 'k' is there already; use set"},
      {"- add: { path: ., name: 'p:k', value: x }", "<b/>",
       "transformer.add: .: namespace prefix 'p' is not declared in the document"},
      {"- add: { path: ., name: k, value: \"\\x01\" }", "<b/>",
       "transformer.add: .: the value has characters that XML cannot carry"},
      {"- add: { path: ., name: k, json: '1' }", "<b/>",
       "transformer.add: the document is XML, and 'json' is a value for JSON; use 'value'"},
      {"- add: { path: /b, name: '-', value: x }", "<b/>",
       "transformer.add: /b: expected a name of XML, found '-'"},
      {"- add: { path: '', name: a, value: x }", R"({"a": 1})",
       "transformer.add: : member 'a' is there already; use set"},
      {"- add: { path: /a, name: b, value: x }", R"({"a": [1]})",
       "transformer.add: /a: is an array; expected the name '-' for an item, found 'b'"},
      {"- add: { path: /a, name: b, value: x }", R"({"a": 1})",
       "transformer.add: /a: is neither an object nor an array"},
      {"- add: { path: /x, name: b, value: x }", R"({"a": 1})",
       "transformer.add: /x: nothing in the document matches"},
  });
  CHECK(findings_of("- add: { path: c, name: 'xmlns:d', value: x }") ==
        "test.yaml:1: add: name: expected a name of XML, found 'xmlns:d'\n");
}

}  // namespace
}  // namespace docmill::test

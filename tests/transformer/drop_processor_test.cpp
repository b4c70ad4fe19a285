#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("drop filters the documents that have it, and lets pass the others as they are") {
  check_outcomes({
      {"- drop: { path: c }", "<b><c/></b>", "filtered"},
      {"- drop: { path: c }", "<b/>", "<b/>"},
      {"- drop: { path: count(c) > 1 }", "<b><c/><c/></b>", "filtered"},
      {"- drop: { path: 'string(@k)' }", "<b k=\"\"/>", "<b k=\"\"/>"},
      {"- drop: { path: c, value: x }", "<b><c>y</c><c>x</c></b>", "filtered"},
      {"- drop: { path: '@k', value: x }", "<b k='y'/>", "<b k='y'/>"},
      {"- drop: { path: 'o:c', namespaces: { o: 'urn:o' } }", "<b xmlns='urn:o'><c/></b>",
       "filtered"},
      {"- drop: { path: /a }", "{ \"a\" : null }", "filtered"},
      {"- drop: { path: /a }", "{ }", "{ }"},
      {"- drop: { path: /a, value: '1.50' }", "{ \"a\": 1.50 }", "filtered"},
      {"- drop: { path: /a, value: '1.5' }", "{\"a\": 1.50}", "{\"a\": 1.50}"},
      {"- drop: { path: /a/0, value: x }", "{\"a\": [\"\\u0078\"]}", "filtered"},
  });
}

TEST_CASE("drop judges only what it can read") {
  check_outcomes({
      {"- drop: c", "[1]",
       "transformer.drop: the document is JSON: expected a JSON Pointer, found 'c': it is empty or "
       "begins with '/'"},
      {"- drop: { path: /a~1b, value: x }", "<b/>",
       "transformer.drop: the document is XML: expected an XPath, found '/a~1b': Incorrect query "
       "at "
       "character 3"},
      {"- drop: /a", "[01]",
       "transformer.drop: line 1, column 2: a number with a leading zero; write it without"},
  });
  CHECK(
      findings_of("- drop: 'c['") ==
      "test.yaml:1: drop: path: expected an XPath, found 'c[': Unrecognized node test at character "
      "3\n");
}

TEST_CASE("drop asks a program of jq whether one of its results is neither false nor null") {
  check_outcomes({
      {R"(- drop: { jq: '.price > 10' })", R"({ "price": 10.5 })", "filtered"},
      {R"(- drop: { jq: '.price > 10' })", R"({ "price": 1 })", R"({ "price": 1 })"},
      {R"(- drop: { jq: '.tags[] == "b"' })", R"({"tags": ["a", "b"]})", "filtered"},
      {R"(- drop: { jq: '.tags[] == "b"' })", R"({"tags": []})", R"({"tags": []})"},
      {R"(- drop: { jq: '.a' })", R"({"a": null})", R"({"a": null})"},
      {R"(- drop: { jq: '.a' })", R"({"a": 0})", "filtered"},
      {R"(- drop: { jq: 'true, error("x")' })", R"([])", "filtered"},
      {"- drop: { jq: .a.b }", R"({"a": 1})",
       "transformer.drop: Cannot index number with string \"b\""},
      {"- drop: { jq: 'last(range(infinite))' }", "<a/>",
       "transformer.drop: the document is not JSON, and jq reads nothing else; put to_json before"},
  });
  CHECK(
      findings_of("- drop: { jq: .a | }") ==
      "test.yaml:1: drop.jq: expected a program of jq: line 1, column 4: syntax error, unexpected "
      "$end\n");
  CHECK(findings_of("- drop: { jq: ., path: /a }") ==
        "test.yaml:1: drop.jq: cannot stand beside 'path'; keep one of them\n");
  CHECK(findings_of("- drop: { value: a }") ==
        "test.yaml:1: drop: must have one of path or jq, got neither\n");
  CHECK(findings_of("- drop: { jq: ., value: a }") ==
        "test.yaml:1: drop: value: only beside 'path'; a program of jq compares by itself\n");
  CHECK(findings_of("- drop: { jq: ., namespaces: { a: b } }") ==
        "test.yaml:1: drop: namespaces: only beside 'path'; JSON has none\n");
}

}  // namespace
}  // namespace docmill::test

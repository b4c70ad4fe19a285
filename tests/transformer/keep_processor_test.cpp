#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("keep lets pass as they are the documents that have it, and no other") {
  check_outcomes({
      {"- keep: { path: c }", "<b><c/></b>", "<b><c/></b>"},
      {"- keep: { path: c }", "<b/>", "filtered"},
      {"- keep: { path: count(c) > 1 }", "<b><c/><c/></b>", "<b><c/><c/></b>"},
      {"- keep: { path: 'string(@k)' }", "<b k=\"\"/>", "filtered"},
      {"- keep: { path: c, value: x }", "<b><c>y</c><c>x</c></b>", "<b><c>y</c><c>x</c></b>"},
      {"- keep: { path: '@k', value: x }", "<b k='y'/>", "filtered"},
      {"- keep: { path: 'o:c', namespaces: { o: 'urn:o' } }", "<b xmlns='urn:o'><c/></b>",
       "<b xmlns='urn:o'><c/></b>"},
      {"- keep: { path: /a }", "{ \"a\" : null }", "{ \"a\" : null }"},
      {"- keep: { path: /a }", "{ }", "filtered"},
      {"- keep: { path: /a, value: '1.50' }", "{ \"a\": 1.50 }", "{ \"a\": 1.50 }"},
      {"- keep: { path: /a, value: '1.5' }", "{\"a\": 1.50}", "filtered"},
      {"- keep: { path: /a/0, value: x }", "{\"a\": [\"\\u0078\"]}", "{\"a\": [\"\\u0078\"]}"},
  });
}

TEST_CASE("keep judges only what it can read") {
  check_outcomes({
      {"- keep: c", "[1]",
       "transformer.keep: the document is JSON: expected a JSON Pointer, found 'c': it is empty or "
       "begins with '/'"},
      {"- keep: { path: /a~1b, value: x }", "<b/>",
       "transformer.keep: the document is XML: expected an XPath, found '/a~1b': Incorrect query "
       "at "
       "character 3"},
      {"- keep: /a", "[01]",
       "transformer.keep: line 1, column 2: a number with a leading zero; write it without"},
  });
  CHECK(
      findings_of("- keep: 'c['") ==
      "test.yaml:1: keep: path: expected an XPath, found 'c[': Unrecognized node test at character "
      "3\n");
}

TEST_CASE("keep asks a program of jq whether one of its results is neither false nor null") {
  check_outcomes({
      {R"(- keep: { jq: '.price > 10' })", R"({ "price": 10.5 })", R"({ "price": 10.5 })"},
      {R"(- keep: { jq: '.price > 10' })", R"({ "price": 1 })", "filtered"},
      {R"(- keep: { jq: '.tags[] == "b"' })", R"({"tags": ["a", "b"]})", R"({"tags": ["a", "b"]})"},
      {R"(- keep: { jq: '.tags[] == "b"' })", R"({"tags": []})", "filtered"},
      {R"(- keep: { jq: '.a' })", R"({"a": null})", "filtered"},
      {R"(- keep: { jq: '.a' })", R"({"a": 0})", R"({"a": 0})"},
      {R"(- keep: { jq: 'true, error("x")' })", R"([])", R"([])"},
      {"- keep: { jq: .a.b }", R"({"a": 1})",
       "transformer.keep: Cannot index number with string \"b\""},
      {"- keep: { jq: 'last(range(infinite))' }", "<a/>",
       "transformer.keep: the document is not JSON, and jq reads nothing else; put to_json before"},
  });
  CHECK(
      findings_of("- keep: { jq: .a | }") ==
      "test.yaml:1: keep.jq: expected a program of jq: line 1, column 4: syntax error, unexpected "
      "$end\n");
  CHECK(findings_of("- keep: { jq: ., path: /a }") ==
        "test.yaml:1: keep.jq: cannot stand beside 'path'; keep one of them\n");
  CHECK(findings_of("- keep: { value: a }") ==
        "test.yaml:1: keep: must have one of path or jq, got neither\n");
  CHECK(findings_of("- keep: { jq: ., value: a }") ==
        "test.yaml:1: keep: value: only beside 'path'; a program of jq compares by itself\n");
  CHECK(findings_of("- keep: { jq: ., namespaces: { a: b } }") ==
        "test.yaml:1: keep: namespaces: only beside 'path'; JSON has none\n");
}

}  // namespace
}  // namespace docmill::test

#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("text is all text of a document, or of what a path finds") {
  check_outcomes({
      {"- text", "<b> <c>1<d k='x'>2</d></c><!--n--><![CDATA[<]]>&amp;</b>", " 12<&"},
      {"- text: { path: c }", "<b><c>1<d>2</d></c><c>3</c></b>", "12\n3"},
      {"- text: { path: c/@k, separator: ', ' }", "<b><c k='1'/><c k='2'/></b>", "1, 2"},
      {"- text: { path: count(c) }", "<b><c/></b>", "1"},
      {"- text: { path: 'o:c', namespaces: { o: 'urn:o' } }", "<b xmlns='urn:o'><c>x</c></b>", "x"},
      {"- text: { path: d }", "<b/>", "filtered"},
      {"- text: { separator: ' ' }",
       R"({"a": ["x", {"b": 1.50, "c": {"d": true}}, null], "e": "\u0041"})", "x 1.50 true A"},
      {"- text: { path: /a }", R"({"a": ["x", ["y"]], "b": "z"})", "x\ny"},
      {"- text: { path: /a }", R"({"a": "x"})", "x"},
      {"- text: { path: /c }", R"({"a": "x"})", "filtered"},
      {"- text: { path: c }", "{}",
       "transformer.text: the document is JSON: expected a JSON Pointer, found 'c': it is empty or "
       "begins with '/'"},
  });
  CHECK(through("- text", "<b/>") ==
        std::vector<Made>{{EntryKind::kDocument, Format::kText, "", ""}});
  CHECK(
      findings_of("- text: { path: '@' }") ==
      "test.yaml:1: text: path: expected an XPath, found '@': Unrecognized node test at character "
      "2\n");
}

}  // namespace
}  // namespace docmill::test

#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("rename changes names and nothing else") {
  check_outcomes({
      {"- rename: { path: c, name: d }", "<b><c k='1'>x</c><c/></b>",
       "<b><d k=\"1\">x</d><d/></b>"},
      {"- rename: { path: ., name: d }", "<b><c/></b>", "<d><c/></d>"},
      {"- rename: { path: '@k', name: l }", "<b k='1'/>", "<b l=\"1\"/>"},
      {"- rename: { path: 'o:c', name: 'o:d', namespaces: { o: 'urn:o' } }",
       "<b xmlns:z='urn:o'><z:c/></b>", "<b xmlns:z=\"urn:o\"><z:d/></b>"},
      {"- rename: { path: x, name: d }", "<b/>", "<b/>"},
      {"- rename: { path: /a/b, name: \"c\\\"\" }", R"({"a": {"b" : 1.0}})",
       R"({"a": {"c\"" : 1.0}})"},
      {"- rename: { path: /a, name: a }", R"({"\u0061": 1})", R"({"a": 1})"},
      {"- rename: { path: /x, name: d }", "[ ]", "[ ]"},
  });
}

TEST_CASE("a name that is taken, wrong or not declared is not given") {
  check_outcomes({
      {"- rename: { path: '@k', name: l }", "<b k='1' l='2'/>",
       "transformer.rename: @k: attribute 'l' is there already"},
      {"- rename: { path: '@k', name: 'q:l' }", "<b k='1' p:l='2' xmlns:p='u' xmlns:q='u'/>",
       "transformer.rename: @k: attribute 'q:l' is there already"},
      {"- rename: { path: c, name: 'q:l' }", "<b><c/></b>",
       "transformer.rename: c: namespace prefix 'q' is not declared in the document"},
      {"- rename: { path: /b, name: 'a b' }", "<b/>",
       "transformer.rename: /b: expected a name of XML, found 'a b'"},
      {"- rename: { path: /b, name: '@k' }", "<b/>",
       "transformer.rename: /b: expected a name of XML, found '@k'"},
      {"- rename: { path: text(), name: d }", "<b>x</b>",
       "transformer.rename: text(): matches what is neither element nor attribute"},
      {"- rename: { path: /a, name: b }", R"({"a": 1, "b": 2})",
       "transformer.rename: /a: member 'b' is there already"},
      {"- rename: { path: /0, name: b }", "[1]",
       "transformer.rename: /0: only a member of an object has a name"},
  });
  CHECK(findings_of("- rename: { path: c, name: '1' }") ==
        "test.yaml:1: rename: name: expected a name of XML, found '1'\n");
}

}  // namespace
}  // namespace docmill::test

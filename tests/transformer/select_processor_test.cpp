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

TEST_CASE("select makes a document of the value at a JSON Pointer, with its lexemes") {
  check_outcomes({
      {"- select: { path: /a/1 }", R"({"a": [1, {"b": 1.50}]})", R"({"b":1.50})"},
      {"- select: { path: '' }", "[ 1 ]", "[1]"},
      {"- select: { path: /a~1b/~0 }", R"({"a\/b": {"~": "x\n"}})", R"("x\n")"},
      {"- select: { path: /a/2 }", R"({"a": [1, 2]})", "filtered"},
      {"- select: { path: /a/01 }", R"({"a": [1, 2]})", "filtered"},
      {"- select: { path: /a/- }", R"({"a": [1, 2]})", "filtered"},
      {"- select: { path: /a/b }", R"({"a": "b"})", "filtered"},
      {"- select: { path: / }", R"({"": 0})", "0"},
  });
}

TEST_CASE("a path of the other format is a dead letter, one of neither a finding") {
  check_outcomes({
      {"- select: { path: a/b }", "{}",
       "transformer.select: the document is JSON: expected a JSON Pointer, found 'a/b': it is "
       "empty "
       "or begins with '/'"},
      {"- select: { path: /a~1b }", "<a/>",
       "transformer.select: the document is XML: expected an XPath, found '/a~1b': Incorrect query "
       "at character 3"},
      {"- select: { path: /a }", "<a>",
       "transformer.select: line 1, column 4: the document ends inside element 'a'; expected "
       "'</a>'"},
      {"- select: { path: /a }", "{",
       "transformer.select: line 1, column 2: expected a key in double "
       "quotes or '}', found the end of the document"},
  });
  CHECK(findings_of("- select: { path: 'a[' }") ==
        "test.yaml:1: select: path: expected an XPath, found 'a[': Unrecognized node test at "
        "character 3\n");
  CHECK(
      findings_of("- select: { path: '/a~2' }") ==
      "test.yaml:1: select: path: expected an XPath, found '/a~2': Incorrect query at character 3; "
      "expected a JSON Pointer, found '/a~2': '~' at character 3 is neither '~0' nor '~1'\n");
}

TEST_CASE("with namespaces prefixes mean namespaces, whatever a document calls them") {
  const std::string to_b = ", namespaces: { o: 'urn:o' } }";
  check_outcomes({
      {"- select: { path: 'o:c/@o:k'" + to_b, "<b xmlns='urn:o' xmlns:q='urn:o'><c q:k='1'/></b>",
       "1"},
      {"- select: { path: 'o:c'" + to_b, "<b xmlns:z='urn:o'><z:c/><c/></b>",
       "<z:c xmlns:z=\"urn:o\"/>"},
      {"- select: { path: 'o:c'" + to_b, "<b xmlns:o='urn:other'><o:c/></b>", "filtered"},
      {"- select: { path: \"count(child::o:*[o:n='o:n'][1])\"" + to_b,
       "<b xmlns:z='urn:o'><z:c/><z:d><z:n>o:n</z:n></z:d></b>", "1"},
      {"- select: { path: '@xml:lang'" + to_b, "<b xml:lang='en'/>", "en"},
      {"- select: { path: 'o:c' }", "<b xmlns:z='urn:o'><z:c/></b>", "filtered"},
  });
  CHECK(findings_of("- select: { path: 'a/p:b', namespaces: { o: 'urn:o' } }") ==
        "test.yaml:1: select: path: 'a/p:b': prefix 'p' at character 3 is not in namespaces\n");
  CHECK(findings_of("- select: { path: b, namespaces: { 'o:': 'urn:o' } }") ==
        "test.yaml:1: select: 'o:' cannot be a prefix; expected a name of XML without ':'\n");
  CHECK(findings_of("- select: { path: b, namespaces: { o: '' } }") ==
        "test.yaml:1: select: the namespace of 'o' is empty\n");
}

}  // namespace
}  // namespace docmill::test

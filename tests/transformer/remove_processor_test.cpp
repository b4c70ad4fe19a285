#include "tests/transformer/chain_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("remove takes out what an XPath finds, and the member or item at a JSON Pointer") {
  const std::string document = R"({ "a" : 1.50, "b":[ 1, 2 , 3 ], "c": { } })";
  check_outcomes({
      {"- remove: c", "<b><c/>x<c><c/></c></b>", "<b>x</b>"},
      {"- remove: '//c | @k'", "<b k='1' l='2'>x<c><c/></c></b>", "<b l=\"2\">x</b>"},
      {"- remove: 'text() | comment()'", "<b>x<c/><!--y-->z</b>", "<b><c/></b>"},
      {"- remove: { path: 'o:c', namespaces: { o: 'urn:o' } }",
       "<b xmlns='urn:o' xmlns:z='urn:z'><c/><z:c/></b>",
       "<b xmlns=\"urn:o\" xmlns:z=\"urn:z\"><z:c/></b>"},
      {"- remove: d", "<b><c/></b>", "<b><c/></b>"},
      {"- remove: /a", document, R"({ "b":[ 1, 2 , 3 ], "c": { } })"},
      {"- remove: /b", document, R"({ "a" : 1.50, "c": { } })"},
      {"- remove: /c", document, R"({ "a" : 1.50, "b":[ 1, 2 , 3 ] })"},
      {"- remove: /b/0", document, R"({ "a" : 1.50, "b":[ 2 , 3 ], "c": { } })"},
      {"- remove: /b/2", document, R"({ "a" : 1.50, "b":[ 1, 2 ], "c": { } })"},
      {"- remove: /a", R"({ "a" : "1" })", "{  }"},
      {"- remove: /x", document, document},
  });
}

TEST_CASE("the whole of a document cannot be removed") {
  check_outcomes({
      {"- remove: .", "<b/>",
       "transformer.remove: .: matches the root element, which cannot be removed; use drop"},
      {"- remove: ''", "[1]", "transformer.remove: the whole document cannot be removed; use drop"},
      {"- remove: c", "[1]",
       "transformer.remove: the document is JSON: expected a JSON Pointer, found 'c': it is empty "
       "or "
       "begins with '/'"},
  });
  CHECK(findings_of("- remove: count(c)") ==
        "test.yaml:1: remove: path: expected an XPath of elements or attributes, found "
        "'count(c)'\n");
}

}  // namespace
}  // namespace docmill::test

#include "shared/document/json_scanner.h"

#include "shared/document/json_text.h"
#include "shared/document/json_writer.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::string_literals;

// The document minified, or the error.
std::string scanned(std::string_view json, const JsonReadOptions& options = {}) {
  JsonScanner scanner(options);
  JsonTape tape;
  const Result<void> result = scanner.scan(json, tape);
  if (!result) return result.error().text;
  std::string out;
  append_json(tape, 0, out);
  return out;
}

std::string decoded(std::string_view bytes) {
  std::string out;
  append_json_decoded(out, bytes);
  return out;
}

TEST_CASE("a tape has every value in document order, and lexemes as they are written") {
  JsonScanner scanner;
  JsonTape tape;
  constexpr std::string_view kJson = R"( {"a\n" : [1.10, {}, -0], "b":"x"} )";
  REQUIRE(scanner.scan(kJson, tape).ok());
  struct Row {
    JsonNode::Kind kind;
    std::string_view text;
    std::uint32_t end;
    bool exact = true;
    bool operator==(const Row&) const = default;
  };
  using enum JsonNode::Kind;
  std::vector<Row> rows;
  for (const JsonNode& node : tape.nodes) {
    rows.push_back({node.kind, tape.text(node), node.end, node.exact});
  }
  CHECK(rows == std::vector<Row>{{kObject, R"({"a\n" : [1.10, {}, -0], "b":"x"})", 8},
                                 {kString, "a\\n", 2, false},
                                 {kArray, "[1.10, {}, -0]", 6},
                                 {kNumber, "1.10", 4},
                                 {kObject, "{}", 5},
                                 {kNumber, "-0", 6},
                                 {kString, "b", 7},
                                 {kString, "x", 8}});
  CHECK_FALSE(tape.minified);
}

TEST_CASE("JSON comes back on one line with nothing else changed") {
  struct Row {
    std::string json;
    std::string minified;
  };
  const std::vector<Row> rows = {
      {"null", "null"},
      {" \t\r\n[ ]\n", "[]"},
      {"{ }", "{}"},
      {R"({"a":1})", R"({"a":1})"},
      {"{ \"a\" : [ 1 , [ ] , { } , [ [ true ] ] ] , \"b\" : { \"c\" : false } }",
       R"({"a":[1,[],{},[[true]]],"b":{"c":false}})"},
      {"[ 1e400, 1.10, 18446744073709551616, -0, 0E42, 1.0e-7 ]",
       "[1e400,1.10,18446744073709551616,-0,0E42,1.0e-7]"},
      {R"( "\u00e9\/\ud83d\ude00\u0000" )", R"("\u00e9\/\ud83d\ude00\u0000")"},
      {"\xEF\xBB\xBF[1]", "[1]"},
      {"[\"\x7f\xC2\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"]",
       "[\"\x7f\xC2\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"]"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(scanned(row.json) == row.minified);
    CHECK(scanned(row.minified) == row.minified);
  }
}

TEST_CASE("escapes mean what RFC 8259 says") {
  CHECK(decoded(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(decoded(R"(x\u0000\u00e9y\u20AC\ud83d\uDE00z)") == "x\0éy€😀z"s);
  CHECK(decoded("plain") == "plain");
}

TEST_CASE("what is not JSON is refused with the place and the reason") {
  struct Row {
    std::string json;
    std::string error;
  };
  const std::vector<Row> rows = {
      {"", "line 1, column 1: expected a value, found the end of the document"},
      {"  \n ", "line 2, column 2: expected a value, found the end of the document"},
      {"{\"a\":1}\0{\"evil\":2}"s,
       "line 1, column 8: expected the end of the document, found character 0x00"},
      {"\0"s, "line 1, column 1: expected a value, found character 0x00"},
      {"[1]x", "line 1, column 4: expected the end of the document, found 'x'"},
      {"[1] [2]", "line 1, column 5: expected the end of the document, found '['"},
      {"[1 2]", "line 1, column 4: expected ',' or ']', found '2'"},
      {"[1,]", "line 1, column 4: expected a value, found ']'"},
      {"[", "line 1, column 2: expected a value or ']', found the end of the document"},
      {"[1", "line 1, column 3: expected ',' or ']', found the end of the document"},
      {"{",
       "line 1, column 2: expected a key in double quotes or '}', found the end of the "
       "document"},
      {"{a:1}", "line 1, column 2: expected a key in double quotes or '}', found 'a'"},
      {"{\"a\":1,}", "line 1, column 8: expected a key in double quotes, found '}'"},
      {"{\"a\"}", "line 1, column 5: expected ':' after a key, found '}'"},
      {"{\"a\":}", "line 1, column 6: expected a value, found '}'"},
      {"{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}', found '\"'"},
      {"[\n 1,\n é]", "line 3, column 2: expected a value, found 'é'"},
      {"[\"a", "line 1, column 2: the string does not end; expected '\"'"},
      {"[\"a\nb\"]",
       "line 1, column 4: character 0x0a is not allowed inside a string; write '\\u000a'"},
      {"[\"a\0\"]"s,
       "line 1, column 4: character 0x00 is not allowed inside a string; write '\\u0000'"},
      {R"(["\x"])",
       "line 1, column 3: expected '\"', '\\', '/', 'b', 'f', 'n', 'r', 't' or 'u' "
       "after '\\', found 'x'"},
      {R"(["\)",
       "line 1, column 3: expected '\"', '\\', '/', 'b', 'f', 'n', 'r', 't' or 'u' "
       "after '\\', found the end of the document"},
      {R"(["\u12"])", "line 1, column 3: expected four hexadecimal digits after '\\u'"},
      {R"(["\ud800"])",
       "line 1, column 3: '\\ud800' is one half of a surrogate pair without the other"},
      {R"(["\ud800\n"])",
       "line 1, column 3: '\\ud800' is one half of a surrogate pair without the other"},
      {R"(["\uDFAA\uD800"])",
       "line 1, column 3: '\\uDFAA' is one half of a surrogate pair without the other"},
      {R"(["\ud800\u0041"])",
       "line 1, column 3: '\\ud800' is one half of a surrogate pair without the other"},
      {"[\"\xED\xA0\x80\"]", "line 1, column 3: byte 0xed does not begin a character of UTF-8"},
      {"[\"\xC0\xAF\"]", "line 1, column 3: byte 0xc0 does not begin a character of UTF-8"},
      {"[\"é\xE2\x82\"]", "line 1, column 4: byte 0xe2 does not begin a character of UTF-8"},
      {"[\xFF]", "line 1, column 2: expected a value, found byte 0xff"},
      {"[\xC2\xA0 1]", "line 1, column 2: expected a value, found '\xC2\xA0'"},
      {"[\f1]", "line 1, column 2: expected a value, found character 0x0c"},
      {"[01]", "line 1, column 2: a number with a leading zero; write it without"},
      {"[-012]", "line 1, column 2: a number with a leading zero; write it without"},
      {"[-]", "line 1, column 3: expected a digit after '-', found ']'"},
      {"[+1]", "line 1, column 2: expected a value, found '+'"},
      {"[.5]", "line 1, column 2: expected a value, found '.'"},
      {"[1.]", "line 1, column 4: expected a digit after '.', found ']'"},
      {"[1e]", "line 1, column 4: expected a digit after 'e', found ']'"},
      {"[1E+]", "line 1, column 5: expected a digit after '+', found ']'"},
      {"[1x]", "line 1, column 3: expected ',' or ']', found 'x'"},
      {"[NaN]", "line 1, column 2: expected a value, found 'NaN'"},
      {"[True]", "line 1, column 2: expected a value, found 'True'"},
      {"nul", "line 1, column 1: expected a value, found 'nul'"},
      {"['a']", "line 1, column 2: expected a value, found '''"},
      {"[1//c\n]", "line 1, column 3: expected ',' or ']', found '/'"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(scanned(row.json) == row.error);
  }
}

TEST_CASE("a key that comes twice is an error, or one of the two stays") {
  constexpr std::string_view kJson = R"({"a":1,"b":{"a":0},"\u0061":[2,[3]],"c":4,"a":5})";
  CHECK(scanned(kJson) ==
        "line 1, column 20: key \"a\" is given twice; keep one (to_xml can choose, with "
        "'duplicates')");
  CHECK(scanned(kJson, {.duplicates = DuplicateKeys::kFirst}) == R"({"a":1,"b":{"a":0},"c":4})");
  CHECK(scanned(kJson, {.duplicates = DuplicateKeys::kLast}) == R"({"b":{"a":0},"c":4,"a":5})");
  CHECK(scanned(R"([{"x":{"k":1,"k":2},"x":{"k":1,"k":2}}])",
                {.duplicates = DuplicateKeys::kLast}) == R"([{"x":{"k":2}}])");
  CHECK(
      scanned(R"({"":0,"":0})") ==
      "line 1, column 7: key \"\" is given twice; keep one (to_xml can choose, with 'duplicates')");
}

}  // namespace
}  // namespace docmill::test

#include "shared/document/expat_verdict.h"
#include "shared/document/json_scanner.h"
#include "shared/document/json_text.h"
#include "shared/document/natural_reader.h"
#include "shared/document/natural_writer.h"
#include "shared/document/xml_name_escape.h"
#include "shared/document/xml_reader.h"
#include "tests/document/hostile_json.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::string_literals;

constexpr const char* kDeclared = " xmlns:json=\"urn:docmill:json\"";

std::string to_xml(std::string_view json, const NaturalOptions& options = {}) {
  JsonScanner scanner;
  JsonTape tape;
  REQUIRE(scanner.scan(json, tape).ok());
  NaturalWriter writer(options);
  std::string out;
  const Result<void> written = writer.write(tape, out);
  if (!written) return written.error().text;
  return out + (writer.losses().empty() ? "" : " lost: " + writer.losses().text());
}

std::string to_json(std::string_view xml) {
  XmlReader reader;
  const Result<const XmlTape*> tape = reader.read(xml);
  INFO((tape.ok() ? "" : tape.error().text) << " " << xml);
  REQUIRE(tape.ok());
  NaturalReader natural;
  std::string out;
  const Result<void> read = natural.read(**tape, out);
  return read ? out : read.error().text;
}

TEST_CASE("JSON becomes elements, and hints say what the shape does not") {
  struct Row {
    std::string json;
    std::string xml;  // kDeclared stands where '~' is
  };
  const std::vector<Row> rows = {
      {R"({"book":{"id":7,"author":["Ada","Bob"],"unit price":"12"}})",
       "<book~><id json:type=\"number\">7</id><author>Ada</author><author>Bob</author>"
       "<unit_x0020_price>12</unit_x0020_price></book>"},
      {R"({"a":"<&>\"\t"})", "<a>&lt;&amp;&gt;\"\t</a>"},
      {R"({"a":""})", "<a/>"},
      {R"({"a":{}})", "<a~ json:type=\"object\"/>"},
      {R"({"a":null})", "<a~ json:type=\"null\"/>"},
      {R"({"a":[1.10]})",
       "<a~ json:type=\"array\"><json:item json:type=\"number\">1.10</json:item></a>"},
      {R"({"a":{"b":["x"]}})", "<a~><b json:array=\"true\">x</b></a>"},
      {R"({"a":{"b":[]}})", "<a~><b json:type=\"array\"/></a>"},
      {R"({"a":{"b":[[]]}})", "<a~><b json:array=\"true\" json:type=\"array\"/></a>"},
      {R"({"a":{"b":[[],[true]]}})",
       "<a~><b json:type=\"array\"/><b json:type=\"array\"><json:item "
       "json:type=\"boolean\">true</json:item></b></a>"},
      {R"({})", "<json:root~ json:type=\"object\"/>"},
      {R"({"a":"1","b":"2"})", "<json:root~><a>1</a><b>2</b></json:root>"},
      {R"([1e400])",
       "<json:root~ json:type=\"array\"><json:item json:type=\"number\">1e400</json:item>"
       "</json:root>"},
      {R"("x")", "<json:root~>x</json:root>"},
      {R"({"":{"_x0041_":"1","json:item":"2","xml":"3","-a":"4","ключ":"5","é😀":"6","a\u0000":"7"}})",
       "<_x_><_x005F_x0041_>1</_x005F_x0041_><json_x003A_item>2</json_x003A_item><xml>3</xml>"
       "<_x002D_a>4</_x002D_a><ключ>5</ключ><é_x0001F600_>6</é_x0001F600_><a_x0000_>7</a_x0000_>"
       "</_x_>"},
  };
  for (Row row : rows) {
    const std::size_t mark = row.xml.find('~');
    if (mark != std::string::npos) row.xml.replace(mark, 1, kDeclared);
    INFO(row.json);
    CHECK(to_xml(row.json) == row.xml);
    CHECK(to_json(row.xml) == row.json);
  }
}

TEST_CASE("without hints the XML is clean, and what it does not say is named") {
  const NaturalOptions clean{.hints = false};
  CHECK(to_xml(R"({"a":{"b":["x","y"],"c":"z"}})", clean) == "<a><b>x</b><b>y</b><c>z</c></a>");
  CHECK(to_xml(R"({"a":{"b":["x"],"c":1,"d":[],"e":null}})", clean) ==
        "<a><b>x</b><c>1</c><e/></a> lost: number, type, array");
  CHECK(to_xml(R"([{"a":"1"}])", {.hints = false, .root = "rows", .item = "row"}) ==
        "<rows><row><a>1</a></row></rows> lost: type, array");
}

TEST_CASE("a root and items of other names come back too") {
  const std::string xml = to_xml(R"([[1],"a"])", {.root = "rows", .item = "row"});
  CHECK(xml == "<rows"s + kDeclared +
                   " json:root=\"true\" json:type=\"array\"><row json:type=\"array\">"
                   "<row json:type=\"number\">1</row></row><row>a</row></rows>");
  CHECK(to_json(xml) == R"([[1],"a"])");
}

TEST_CASE("characters that XML cannot carry are refused, replaced or escaped") {
  const std::string json = R"({"a":"x\u0001\\\"y\uffff\r"})";
  CHECK(to_xml(json) ==
        "line 1, column 6: the string has a character that XML cannot carry; replace or escape it");
  CHECK(to_xml(json, {.controls = ControlCharacters::kReplace}) ==
        "<a>x\xEF\xBF\xBD\\\"y\xEF\xBF\xBD&#13;</a> lost: character");
  const std::string escaped = to_xml(json, {.controls = ControlCharacters::kEscape});
  CHECK(escaped == "<a"s + kDeclared + " json:escaped=\"true\">x\\u0001\\\\\"y\\uffff&#13;</a>");
  CHECK(to_json(escaped) == "{\"a\":\"x\\u0001\\\\\\\"y\xEF\xBF\xBF\\r\"}");
}

TEST_CASE("what natural has no place for is an error") {
  const std::string head = "<a"s + kDeclared;
  struct Row {
    std::string xml;
    std::string error;
  };
  const std::vector<Row> rows = {
      {"<a b='1'/>",
       "line 1, column 4: attribute 'b' has no place in JSON; only those of "
       "urn:docmill:json do"},
      {"<a>x<b/></a>",
       "line 1, column 2: element 'a' has text beside elements, or where its type has none"},
      {head + " json:type='number'>1.</a>",
       "line 1, column 2: expected a number of JSON in 'a', found '1.'"},
      {head + " json:type='boolean'>yes</a>",
       "line 1, column 2: expected a boolean of JSON in 'a', found 'yes'"},
      {head + " json:type='null'>0</a>", "line 1, column 2: element 'a' is null, but has text"},
      {head + " json:type='string'><b/></a>",
       "line 1, column 2: element 'a' has elements, but its type is string"},
      {head + " json:type='int'/>",
       "line 1, column 34: expected string, number, boolean, null, object or array as json:type, "
       "found 'int'"},
      {head + " json:list='true'/>",
       "line 1, column 34: expected json:type, json:array, json:escaped or json:root, found "
       "json:list"},
      {head + " json:array='1'/>",
       "line 1, column 34: expected true or false as json:array, found '1'"},
      {head + " json:escaped='true'>\\ud800</a>",
       "line 1, column 2: expected escapes of JSON in 'a', because it is json:escaped"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(to_json(row.xml) == row.error);
  }
}

TEST_CASE("XML written by hand is read as it looks") {
  CHECK(to_json("<a>\n  <b>1</b>\n  <c/>\n  <b><![CDATA[<2>]]>&amp;</b>\n</a>\n") ==
        R"({"a":{"b":["1","<2>&"],"c":""}})");
  CHECK(to_json("<a xmlns:j='urn:docmill:json' j:type='number'> 7 </a>") == R"({"a":7})");
}

TEST_CASE("generated documents go to XML that expat accepts, and come back the same") {
  JsonScanner scanner;
  JsonTape tape;
  NaturalWriter writer({.controls = ControlCharacters::kEscape});
  NaturalWriter clean({.hints = false, .controls = ControlCharacters::kReplace});
  XmlReader reader;
  NaturalReader natural;
  for (unsigned seed = 1; seed <= 5'000; ++seed) {
    const std::string json = HostileJson(seed).document();
    INFO("seed " << seed << ": " << json);
    REQUIRE(scanner.scan(json, tape).ok());
    for (NaturalWriter* each : {&writer, &clean}) {
      std::string xml;
      REQUIRE(each->write(tape, xml).ok());
      XmlFailure failure;
      INFO(xml);
      const bool accepted = expat_accepts(xml, failure);
      INFO(failure.text);
      REQUIRE(accepted);
      if (each == &clean) continue;
      REQUIRE(writer.losses().empty());
      const Result<const XmlTape*> read = reader.read(xml);
      REQUIRE(read.ok());
      std::string back;
      const Result<void> done = natural.read(**read, back);
      INFO((done ? "" : done.error().text));
      REQUIRE(back == json);
    }
  }
}

TEST_CASE("every text is a name, and every name its text again") {
  for (const std::string& text : {""s, "_x_"s, "_x"s, "a b"s, "_x0020_"s, "_X0020_"s, "1"s, "a:b"s,
                                  "\0"s, "\xF4\x8F\xBF\xBF"s}) {
    std::string name;
    append_escaped_name(name, text);
    std::string back;
    append_unescaped_name(back, name);
    INFO(name);
    CHECK(back == text);
  }
}

}  // namespace
}  // namespace docmill::test

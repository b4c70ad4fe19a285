// fn:json-to-xml and fn:xml-to-json, by the rules of the recommendation (sections 17.5.3, 17.5.4).
#include "shared/document/expat_verdict.h"
#include "shared/document/json_scanner.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xpath31_reader.h"
#include "shared/document/xpath31_writer.h"
#include "tests/document/hostile_json.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using namespace std::string_literals;

constexpr const char* kDeclared = " xmlns=\"http://www.w3.org/2005/xpath-functions\"";

std::string to_xml(std::string_view json, ControlCharacters controls = ControlCharacters::kReject) {
  JsonScanner scanner;
  JsonTape tape;
  REQUIRE(scanner.scan(json, tape).ok());
  Xpath31Writer writer(controls);
  std::string out;
  const Result<void> written = writer.write(tape, out);
  return written ? out : written.error().text;
}

std::string to_json(std::string_view xml) {
  XmlReader reader;
  const Result<const XmlTape*> tape = reader.read(xml);
  REQUIRE(tape.ok());
  Xpath31Reader xpath31;
  std::string out;
  const Result<void> read = xpath31.read(**tape, out);
  return read ? out : read.error().text;
}

// '~' after the first name stands for the declaration.
std::string declared(std::string xml) {
  const std::size_t mark = xml.find('~');
  if (mark != std::string::npos) xml.replace(mark, 1, kDeclared);
  return xml;
}

TEST_CASE("JSON becomes what fn:json-to-xml makes of it, and comes back") {
  struct Row {
    std::string json;
    std::string xml;
  };
  const std::vector<Row> rows = {
      {R"({"a b":[1.10,null,true,"x"],"n":12345678901234567890,"e":{},"":""})",
       "<map~><array key=\"a b\"><number>1.10</number><null/><boolean>true</boolean>"
       "<string>x</string></array><number key=\"n\">12345678901234567890</number><map key=\"e\"/>"
       "<string key=\"\"/></map>"},
      {R"([])", "<array~/>"},
      {R"("<&>")", "<string~>&lt;&amp;&gt;</string>"},
      {R"({"\"<\n":false})", "<map~><boolean key=\"&quot;&lt;&#10;\">false</boolean></map>"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(to_xml(row.json) == declared(row.xml));
    CHECK(to_json(declared(row.xml)) == row.json);
  }
}

TEST_CASE("special characters are refused, replaced, or escaped and marked") {
  const std::string json = R"({"k\u0000":"a\\\t\u0001\u007fé"})";
  CHECK(to_xml(json) ==
        "line 1, column 2: the string has a character that XML cannot carry; replace or escape it");
  CHECK(to_xml(json, ControlCharacters::kReplace) ==
        declared("<map~><string key=\"k\xEF\xBF\xBD\">a\\\t\xEF\xBF\xBD\x7fé</string></map>"));
  const std::string escaped = to_xml(json, ControlCharacters::kEscape);
  CHECK(escaped == declared("<map~><string escaped-key=\"true\" key=\"k\\u0000\" "
                            "escaped=\"true\">a\\\\\\t\\u0001\\u007Fé</string></map>"));
  CHECK(to_json(escaped) == "{\"k\\u0000\":\"a\\\\\\t\\u0001\x7fé\"}");
}

TEST_CASE("fn:xml-to-json takes white space, comments, prefixes and the words of xs:boolean") {
  CHECK(to_json("<j:map xmlns:j='http://www.w3.org/2005/xpath-functions' xmlns:o='urn:o' o:x='1'>\n"
                "  <!-- c --><j:boolean key='a'> 1 </j:boolean>\n"
                "  <j:number key='b'> 1e3 </j:number><j:null key='c'/></j:map>") ==
        R"({"a":true,"b":1e3,"c":null})");
}

TEST_CASE("what is no such XML is refused with its place") {
  struct Row {
    std::string xml;
    std::string error;
  };
  const std::vector<Row> rows = {
      {"<map/>",
       "line 1, column 2: expected an element of http://www.w3.org/2005/xpath-functions, found "
       "'map'"},
      {"<list~/>",
       "line 1, column 2: expected map, array, string, number, boolean or null, found 'list'"},
      {"<map~><null/></map>", "line 1, column 54: expected the attribute 'key' inside of a map"},
      {"<map~>x</map>",
       "line 1, column 2: expected elements only in a map or an array, found text"},
      {"<string~><null/></string>",
       "line 1, column 2: expected no elements but in a map or an array"},
      {"<number~>NaN</number>", "line 1, column 2: expected a number of JSON, found 'NaN'"},
      {"<boolean~>TRUE</boolean>", "line 1, column 2: expected a boolean of JSON, found 'TRUE'"},
      {"<null~>0</null>", "line 1, column 2: expected a null of JSON, found '0'"},
      {"<null~ kind='x'/>",
       "line 1, column 54: expected key, escaped or escaped-key, found 'kind'"},
      {"<string~ escaped='yes'/>",
       "line 1, column 56: expected true or false as escaped, found 'yes'"},
      {"<string~ escaped='true'>\\x</string>",
       "line 1, column 2: expected escapes of JSON, because it is escaped, found '\\x'"},
      {"<map~><null key='a'/><null key='\\u0061' escaped-key='true'/></map>",
       "line 1, column 2: as JSON: line 1, column 11: key \"a\" is given twice; keep one "
       "(to_xml can choose, with 'duplicates')"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(to_json(declared(row.xml)) == row.error);
  }
}

TEST_CASE("generated documents go to the XML of xpath31 and come back the same") {
  JsonScanner scanner;
  JsonTape tape;
  Xpath31Writer writer(ControlCharacters::kEscape);
  XmlReader reader;
  Xpath31Reader xpath31;
  for (unsigned seed = 1; seed <= 3'000; ++seed) {
    const std::string json = HostileJson(seed).document();
    INFO("seed " << seed << ": " << json);
    REQUIRE(scanner.scan(json, tape).ok());
    std::string xml;
    REQUIRE(writer.write(tape, xml).ok());
    INFO(xml);
    XmlFailure failure;
    REQUIRE(expat_accepts(xml, failure));
    const Result<const XmlTape*> read = reader.read(xml);
    REQUIRE(read.ok());
    std::string back;
    const Result<void> done = xpath31.read(**read, back);
    INFO((done ? "" : done.error().text));
    REQUIRE(back == json);
  }
}

}  // namespace
}  // namespace docmill::test

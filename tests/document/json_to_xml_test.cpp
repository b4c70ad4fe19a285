#include "shared/document/json_to_xml.h"

#include "shared/document/expat_verdict.h"
#include "shared/document/xml_to_json.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string to_xml(JsonConvention convention, std::string_view json) {
  JsonToXml converter({.convention = convention});
  std::string out;
  const Result<Losses> converted = converter.convert(json, out);
  if (!converted) {
    CHECK(out.empty());
    return converted.error().text;
  }
  XmlFailure failure;
  CHECK(expat_accepts(out, failure));
  return out + (converted->empty() ? "" : " lost: " + converted->text());
}

struct Row {
  JsonConvention convention;
  std::string json;
  std::string xml;
};

using enum JsonConvention;

TEST_CASE("each convention that is read back has its XML") {
  const std::vector<Row> rows = {
      {kNatural, R"({"a":{"b":"x"}})", "<a><b>x</b></a>"},
      {kCompact,
       R"({"o:order":{"@xmlns:o":"urn:o","@id":"007","item":[{"@q":"1","#text":"Tea"},"Milk"],"n":1.10,"e":null,"note":{"b":"you","#text":"Hi  all"},"k":"a<b"}})",
       "<o:order xmlns:o=\"urn:o\" id=\"007\"><item q=\"1\">Tea</item><item>Milk</item><n>1.10</n>"
       "<e/><note><b>you</b>Hi  all</note><k>a&lt;b</k></o:order>"},
      {kCompact, R"({"a":[{"@x":null,"@y":true,"#text":"<&>\r","b":[],"c":""}]})",
       "<a x=\"\" y=\"true\"><c/>&lt;&amp;&gt;&#13;</a> lost: array"},
      {kCompact, R"({"a":{"@xmlns":{"":"urn:d","p":"urn:p"},"#comment":" c ","p:b":null}})",
       "<a xmlns=\"urn:d\" xmlns:p=\"urn:p\"><!-- c --><p:b/></a>"},
      {kCompact, R"({"a":"\u00e9\ud83d\ude00"})", "<a>é😀</a>"},
      {kBadgerfish,
       R"({"o:a":{"@xmlns":{"$":"urn:d","o":"urn:o"},"@id":"7","b":[{"$":"x"},{"$":2}],"e":{}}})",
       "<o:a xmlns=\"urn:d\" xmlns:o=\"urn:o\" id=\"7\"><b>x</b><b>2</b><e/></o:a>"},
      {kOrdered,
       R"(["a",{"id":"7"},{"#comment":"c"},"Hi ",["b","you"]," all",{"#pi":["t","d e"]},{"#pi":["u",""]},{"#cdata":"a<]]>b"},["e"]])",
       "<a id=\"7\"><!--c-->Hi <b>you</b> all<?t d e?><?u?><![CDATA[a<]]]]><![CDATA[>b]]><e/></a>"},
      {kOrdered, R"(["a",{"#comment":"first"}])", "<a><!--first--></a>"},
      {kJsonml, R"(["a",{"x":1},"t",["b"],2.50,false,null])", "<a x=\"1\">t<b/>2.50false</a>"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(to_xml(row.convention, row.json) == row.xml);
  }
}

TEST_CASE("what a convention cannot say in XML is refused with its place") {
  const std::vector<Row> rows = {
      {kCompact, R"({"a":1,"b":2})",
       "line 1, column 1: expected an object with one key, the name of the root element"},
      {kCompact, "[1]",
       "line 1, column 1: expected an object with one key, the name of the root element"},
      {kCompact, "{}",
       "line 1, column 1: expected an object with one key, the name of the root element"},
      {kCompact, R"({"a":[1,2]})",
       "line 1, column 6: expected one root element, found a list of none or several"},
      {kCompact, R"({"a b=\"1\"><evil/":1})",
       "line 1, column 2: expected a name of an element, found 'a b=\"1\"><evil/'"},
      {kCompact, "{\"a\":\n{\"b/\":1}}",
       "line 2, column 2: expected a name of an element, found 'b/'"},
      {kCompact, R"({"a":{"@x y":1}})",
       "line 1, column 7: expected a name of an attribute, found 'x y'"},
      {kCompact, R"({"a":{"@x":{}}})",
       "line 1, column 12: expected a string, number, boolean or null as the value of an "
       "attribute"},
      {kCompact, R"({"a":{"b":[[1]]}})",
       "line 1, column 12: a list inside of a list has no place in XML"},
      {kCompact, R"({"a":{"#text":[1]}})",
       "line 1, column 15: expected a string, number, boolean or null as text"},
      {kCompact, R"({"a":"\u0000"})",
       "line 1, column 6: the text has a character that XML cannot carry"},
      {kCompact, R"({"a":{"#comment":"x--><evil/>"}})",
       "line 1, column 18: a comment of XML cannot have '--', '-' at its end or a carriage return"},
      {kCompact, R"({"p:a":1})",
       "as XML: line 1, column 2: namespace prefix 'p' is not declared; declare it with xmlns:p"},
      {kCompact, R"({"a":1,"a":2})",
       "line 1, column 8: key \"a\" is given twice; keep one (to_xml can choose, with "
       "'duplicates')"},
      {kOrdered, R"({"a":1})",
       "line 1, column 1: expected a list that begins with the name of an element"},
      {kOrdered, R"(["a",[1]])",
       "line 1, column 6: expected a list that begins with the name of an element"},
      {kOrdered, R"(["a",["b>"]])", "line 1, column 7: expected a name of an element, found 'b>'"},
      {kOrdered, R"(["a","x",{"id":"7"}])",
       "line 1, column 10: expected text, a list, {\"#comment\":\"..\"}, {\"#cdata\":\"..\"} or "
       "{\"#pi\":[\"target\",\"data\"]} as a child"},
      {kOrdered, R"(["a",{"#pi":["XML","d"]}])",
       "line 1, column 13: expected a target of an instruction, found 'XML'"},
      {kOrdered, R"(["a",{"#pi":["t","d?><evil/>"]}])",
       "line 1, column 13: an instruction of XML cannot have '?>', a carriage return or white "
       "space "
       "first"},
      {kOrdered, R"(["a",{"#pi":"t"}])",
       "line 1, column 13: expected a target and data, both strings, as \"#pi\""},
      {kJsonml, R"(["a",{"#comment":"c"}])",
       "line 1, column 6: expected text or a list as a child; attributes come right after the "
       "name"},
  };
  for (const Row& row : rows) {
    INFO(row.json);
    CHECK(to_xml(row.convention, row.json) == row.xml);
  }
}

TEST_CASE("what to_json kept beside elements, in order and around the root comes back") {
  CHECK(to_xml(kOrdered, R"({"#document":[{"#pi":["p","d"]},["a","x"],{"#comment":"c"}]})") ==
        "<?p d?><a>x</a><!--c-->");
  CHECK(to_xml(kCompact, R"({"a":{"@i":"1","#children":["x",["b"],{"#comment":"c"}]}})") ==
        "<a i=\"1\">x<b/><!--c--></a>");
  CHECK(to_xml(kCompact, R"({"a":{"#comment":["1","2"],"?p":"d","#cdata":"<"}})") ==
        "<a><!--1--><!--2--><?p d?><![CDATA[<]]></a>");
  CHECK(to_xml(kCompact, R"({"a":{"#comment":{}}})") ==
        "line 1, column 18: expected a string as '#comment'");
  CHECK(to_xml(kOrdered, R"({"#document":["text",["a"]]})") ==
        "as XML: line 1, column 1: expected '<' of the root element, found 't'");
}

TEST_CASE("compact JSON of data comes back as the XML it was made of") {
  const std::string xml =
      "<c:catalog xmlns:c=\"urn:c\"><book id=\"1\"><author>Ada</author><author>Bob</author><e/>"
      "</book><book id=\"2\">A &amp; B</book></c:catalog>";
  XmlToJson there;
  std::string json;
  REQUIRE(there.convert(xml, json).ok());
  CHECK(to_xml(kCompact, json) == xml);
}

}  // namespace
}  // namespace docmill::test

// The lenient parser: what it takes that is no XML, what it makes of it, and what it refuses.
#include "shared/document/lenient_xml.h"

#include <string>
#include <vector>

#include "shared/document/xml_to_json.h"
#include "shared/document/xml_tree.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

XmlReadOptions lenient() {
  XmlReadOptions options;
  options.parser = ParserPolicy::kLenient;
  return options;
}

std::string convert(const std::string& xml, const XmlReadOptions& options) {
  XmlToJson converter(options);
  std::string json;
  const Result<Losses> converted = converter.convert(xml, json);
  return converted.ok() ? json : converted.error().text;
}

struct Row {
  std::string xml;
  std::string json;
};

}  // namespace

TEST_CASE("what is no XML is read by the lenient parser alone") {
  const std::vector<Row> rows = {
      {"<a>x & y &foo;</a>", R"({"a":"x & y &foo;"})"},
      {"<a b='1' b='2'/>", R"({"a":{"@b":"1"}})"},
      {"<a b='<'/>", R"({"a":{"@b":"<"}})"},
      {"<p:a q:b='1'/>", R"({"p:a":{"@q:b":"1"}})"},
      {"<a/><b/>", R"({"a":null})"},
      {"<a><!-- -- -->x]]></a>", R"({"a":"x]]>"})"},
      {"<a>\xFF\x01\xED\xA0\x80</a>", R"({"a":"�����"})"},
      {"<a>&#1;</a>", R"({"a":"�"})"},
      {"<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e; & x</a>", R"({"a":"&e; & x"})"},
      {"<?xml version='1.0' encoding='windows-1251'?><a>\xEC & \xE8</a>", R"({"a":"м & и"})"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(convert(row.xml, lenient()) == row.json);
    CHECK(convert(row.xml, {}).find("line 1, column") == 0);
  }
}

TEST_CASE("of what is XML both parsers make the same") {
  const std::vector<std::string> documents = {
      "<a>\r\n<b c='1\t2' d='&#10;'>t &lt;&amp;&#x1F600; u</b><![CDATA[<&]]><!-- c --><?p d?>é</a>",
      "<p:a xmlns:p='u'><p:b/><p:b> </p:b></p:a>",
      "\xEF\xBB\xBF<a>\n</a>\n",
      "<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;</a>",
  };
  for (const std::string& xml : documents) {
    INFO(xml);
    CHECK(convert(xml, lenient()) == convert(xml, {}));
    CHECK(convert(xml, lenient()).starts_with("{"));
  }
}

TEST_CASE("a tree that is read leniently can be selected from, changed and written") {
  XmlTree tree(lenient());
  REQUIRE(tree.load("<a><b c='1' c='2'>x & y</b></a>").ok());
  REQUIRE(tree.set(XmlTarget::compile("b/@c").value(), "3").ok());
  std::string written;
  tree.write(written);
  CHECK(written == "<a><b c=\"3\">x &amp; y</b></a>");
}

TEST_CASE("the lenient parser keeps the limits and says what it refuses") {
  XmlReadOptions options = lenient();
  options.dtd = DtdPolicy::kReject;
  options.limits = {.document = {200}, .token = {20}, .name = {8}, .depth = 3, .attributes = 2};
  const std::vector<Row> rows = {
      {"<a><b></a>", "byte 8: start-end tags mismatch"},
      {"", "byte 0: no document element found"},
      {"<!DOCTYPE a><a/>", "a DOCTYPE is not accepted here; send the document without one"},
      {"<a><a><a><a/></a></a></a>", "more than 3 elements inside each other; raise limits.depth"},
      {"<a b='' c='' d=''/>", "an element with more attributes than limits.attributes of 2"},
      {"<a23456789/>", "a name of 9 bytes, more than limits.name of 8B"},
      {"<a>123456789012345678901</a>", "a text of 21 bytes, more than limits.token of 20B"},
      {"<a b='123456789012345678901'/>", "a value of 21 bytes, more than limits.token of 20B"},
      {"<a>" + std::string(198, ' ') + "</a>",
       "the document has 205 bytes, more than limits.document of 200B"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(convert(row.xml, options) == row.json);
  }
}

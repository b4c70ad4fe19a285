#include <chrono>
#include <string>
#include <vector>

#include "shared/document/xml_to_json.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

std::string json_of(std::string_view xml, const std::vector<std::string>& force_list = {}) {
  JsonOptions options;
  options.force_list = ForceList::parse(force_list).value();
  XmlToJson to_json({}, options);
  std::string out;
  const Result<Losses> converted = to_json.convert(xml, out);
  return converted.ok() ? out : converted.error().text;
}

struct Row {
  std::string xml;
  std::string json;
  std::vector<std::string> force_list = {};
};

}  // namespace

TEST_CASE("the compact convention has xmltodict's names and shapes") {
  const std::vector<Row> rows = {
      {R"(<o:order xmlns:o="urn:o" id="007"><!--c--><?pi d?><item q="1">Tea</item><n>1.10</n>)"
       R"(<item>Milk</item><e/><note>Hi <b>you</b> all</note><k><![CDATA[a<b]]></k>)"
       R"(<big>12345678901234567890</big></o:order>)",
       R"({"o:order":{"@xmlns:o":"urn:o","@id":"007","item":[{"@q":"1","#text":"Tea"},"Milk"],)"
       R"("n":"1.10","e":null,"note":{"b":"you","#text":"Hi  all"},"k":"a<b",)"
       R"("big":"12345678901234567890"}})"},
      {"<a/>", R"({"a":null})"},
      {"<a> \n\t</a>", R"({"a":null})"},
      {"<a b=''/>", R"({"a":{"@b":""}})"},
      {"<a b='1'> x </a>", R"({"a":{"@b":"1","#text":"x"}})"},
      {"<a>x<b/> <c/>y</a>", R"({"a":{"b":null,"c":null,"#text":"x y"}})"},
      {"<a>\"\\\n\t&#13;\x7F</a>", "{\"a\":\"\\\"\\\\\\n\\t\\r\x7F\"}"},
      {"<a><b>1</b><c/><b>2</b></a>", R"({"a":{"b":["1","2"],"c":null}})"},
      {"<a>&#160;x&#x2003;</a>", R"({"a":"x"})"},
      {"<a><b/></a>", R"({"a":{"b":[null]}})", {"b"}},
      {"<a/>", R"({"a":[null]})", {"a"}},
      {"<a><b/><c><b/></c></a>", R"({"a":{"b":null,"c":{"b":[null]}}})", {"/a/c/b"}},
      {"<a><b/><c><b/></c></a>", R"({"a":{"b":[null],"c":{"b":[null]}}})", {"//b"}},
      {"<a b='1'><b/></a>", R"({"a":{"@b":"1","b":[null]}})", {"b"}},
      {"<a b='1'><b>x</b></a>", R"({"a":[{"@b":"1","b":["x"]}]})", {"*"}},
      {"<!DOCTYPE a [<!ENTITY e 'v'><!ATTLIST a k CDATA 'w'>]><a>&e;</a>",
       R"({"a":{"@k":"w","#text":"v"}})"},
      {"<?xml version='1.0' encoding='iso-8859-1'?><a>\xE9</a>", "{\"a\":\"\xC3\xA9\"}"},
      {"<a>\n<b></a>", "line 2, column 4: expected '</b>', found another end tag or none"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(json_of(row.xml, row.force_list) == row.json);
  }
}

TEST_CASE("a converter that has seen other documents writes the same") {
  XmlToJson to_json;
  const std::string wide = "<a><b1/><b2/><b3/><b4/><b5/><b6/><b7/><b8/><b9/><b10/><b1/></a>";
  std::string first;
  REQUIRE(to_json.convert(wide, first).ok());
  std::string out;
  REQUIRE_FALSE(to_json.convert("<a><b></a>", out).ok());
  CHECK(out.empty());
  REQUIRE(to_json.convert("<!DOCTYPE a [<!ENTITY e 'v'>]><a>&e;</a>", out).ok());
  out.clear();
  REQUIRE(to_json.convert(wide, out).ok());
  CHECK(out == first);
}

TEST_CASE("time grows with the number of siblings, not with its square") {
  const auto wide = [](int count) {
    std::string xml = "<a>";
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < count; ++i) xml += "<n" + std::to_string(i) + "/>";
    }
    return xml + "</a>";
  };
  const auto seconds = [](const std::string& xml) {
    XmlToJson to_json;
    std::string out;
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(to_json.convert(xml, out).ok());
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  const std::string small = wide(2'000);
  const std::string large = wide(64'000);
  double ratio = 1e9;  // the best of a few: another process may have the machine
  for (int attempt = 0; attempt < 5; ++attempt) {
    ratio = std::min(ratio, seconds(large) / seconds(small));
  }
  CHECK(ratio < 32 * 8);  // 32 times the input; a square would be 1024
}

TEST_CASE("an entry of force_list that is neither name nor path is refused") {
  const std::vector<std::string> entries = {"book", "a/b"};
  const Result<ForceList> list = ForceList::parse(entries);
  REQUIRE_FALSE(list.ok());
  CHECK(list.error() ==
        config_error(
            "expected a name like author, a path like /catalog/book/author, or '*', found 'a/b'"));
}

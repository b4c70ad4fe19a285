#include "sink/inner_xml.h"
#include "sink/outputs/xml.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE("a document stands inside another element with nothing around it and nothing missing") {
  struct Case {
    std::string bytes;
    std::string inner;
    Format format = Format::kXml;
  };
  const std::vector<Case> cases = {
      {.bytes = "<a/>", .inner = "<a/>"},
      {.bytes = "\xef\xbb\xbf<?xml version=\"1.0\"?>\n<a b='>'>x</a>\n", .inner = "<a b='>'>x</a>"},
      {.bytes = "<!-- < --><?p >?><a>1<!-- > --></a >\n<!-- <b> --> <?q <c>?>\n",
       .inner = "<a>1<!-- > --></a >"},
      {.bytes = "<p:a xmlns:p='u'><p:b/></p:a>", .inner = "<p:a xmlns:p='u'><p:b/></p:a>"},
      {.bytes = "<!DOCTYPE a><a>1</a>", .inner = "<a>1</a>"},
      {.bytes = "<!DOCTYPE a [<!ENTITY e '<b/>&#38;#38;'><!ATTLIST a k CDATA 'v'>]><a>&e;</a>",
       .inner = "<a k=\"v\"><b/>&amp;</a>"},
      {.bytes = "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>",
       .inner = "<a>\xc3\xa9</a>"},
      {.bytes = std::string("\xff\xfe<\0a\0/\0>\0", 10), .inner = "<a/>"},
      // What is no XML, whatever it says it is.
      {.bytes = "<a>", .inner = "<document>&lt;a&gt;</document>"},
      {.bytes = "<a/><b/>", .inner = "<document>&lt;a/&gt;&lt;b/&gt;</document>"},
      {.bytes = "", .inner = "<document></document>"},
      {.bytes = "{\"a\":\"<&\"}",
       .inner = "<document>{\"a\":\"&lt;&amp;\"}</document>",
       .format = Format::kJson},
      {.bytes = std::string("a\0\x01\xff\xed\xa0\x80z", 8),
       .inner =
           "<document>a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
           "z</document>",
       .format = Format::kBytes},
  };
  InnerXml inner;
  for (const Case& test : cases) {
    INFO(test.bytes);
    CHECK(inner.write({test.format, test.bytes, {}}) == test.inner);
  }
}

TEST_CASE_METHOD(OutputFixture, "a file of xml is one well-formed document when it has ended") {
  auto output = open(xml_output(), "{path: '@/out/b.xml', root: books}");
  add(*output, "<?xml version=\"1.0\"?><book/>", Format::kXml);
  add(*output, "{}");
  commit(*output);
  CHECK(read("out/b.xml.open") ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<books>\n<book/>\n<document>{}</document>");
  stop(output);
  const std::string whole = read("out/b.xml");
  CHECK(whole ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<books>\n<book/>\n<document>{}</document>\n"
        "</books>\n");
  XmlReader reader;
  CHECK(reader.read(whole).ok());
}

TEST_CASE("a root that is no name of an element is found") {
  const OutputComponent component = xml_output();
  for (const std::string root : {"p:a", "1", "a b", ""}) {
    Findings findings;
    const Place place(findings, "test.yaml");
    component.schema.parse(*parse_yaml("{path: a, root: '" + root + "'}", place), place);
    CHECK(findings.text() ==
          "test.yaml:1: root: must be the name of an element, without a prefix, got '" + root +
              "'\n");
  }
}

}  // namespace
}  // namespace docmill::test

// What is refused at the way in, and in which words.
#include "shared/document/xml_reader.h"

#include <string>
#include <vector>

#include "tests/support/catch.h"

using namespace docmill;

namespace {

struct Row {
  std::string xml;
  std::string error;  // empty: accepted
};

std::string verdict_of(XmlReader& reader, std::string_view xml) {
  const Result<const XmlTape*> read = reader.read(xml);
  return read.ok() ? "" : read.error().text;
}

}  // namespace

TEST_CASE("the guard says what it expected, what it found, and where") {
  const std::vector<Row> rows = {
      {"", "line 1, column 1: no element; expected a root element"},
      {"<a>\n<b></a>", "line 2, column 4: expected '</b>', found another end tag or none"},
      {"<a>é &foo;</a>", "line 1, column 6: entity 'foo' is not declared"},
      {"<a>x & y</a>", "line 1, column 6: '&' begins no reference; write '&amp;'"},
      {"<a b='<'/>", "line 1, column 7: '<' is not allowed in an attribute value; write '&lt;'"},
      {"<a b='1' b='2'/>", "line 1, column 10: attribute 'b' is given twice; keep one"},
      {"<p:a/>", "line 1, column 2: namespace prefix 'p' is not declared; declare it with xmlns:p"},
      {"<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>",
       "line 1, column 28: two attributes are 'x' of namespace 'u'; keep one"},
      {"<a><!-- -- --></a>", "line 1, column 9: '--' is not allowed in a comment"},
      {"<a>]]></a>", "line 1, column 4: ']]>' is not allowed in text; write ']]&gt;'"},
      {"<a>\x01</a>", "line 1, column 4: character 0x01 is not allowed in XML"},
      {"<a>\xFF</a>",
       "line 1, column 4: byte 0xff does not begin a character of UTF-8 that XML allows"},
      {"<a/><b/>",
       "line 1, column 5: expected the end of the document after the root element, found '<'"},
      {"<a>", "line 1, column 4: the document ends inside element 'a'; expected '</a>'"},
      {"<a>&#0;</a>", "line 1, column 4: '&#0;' refers to a character that XML does not allow"},
      {"<a\n  b=1/>", "line 2, column 5: expected a quoted value of attribute 'b', found '1'"},
      {"<a>\n\r\n\r <?xml version='1.0'?></a>",
       "line 4, column 2: an XML declaration is only allowed at the very beginning"},
      // What expat judges has its words.
      {"<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a>&f;</a>", "line 2, column 4: undefined entity"},
      {"<!DOCTYPE a [<!ENTITY e 'x'>]>\n<a><p:b/></a>", "line 2, column 4: unbound prefix"},
      {"<!DOCTYPE a [<!ENTITY e SYSTEM 'e.txt'>]>\n<a>&e;</a>",
       "line 2, column 4: an entity is kept in 'e.txt', and nothing outside of the file is "
       "fetched; expand it"},
      {"<!DOCTYPE a SYSTEM 'a.dtd' [<!ENTITY e 'x'>]>\n<a>&f;</a>",
       "line 2, column 4: entity 'f' is not declared in the file; expand it"},
      {"<?xml version='1.0' encoding='x-shift_jis'?><a/>", "line 1, column 31: unknown encoding"},
  };
  XmlReader reader;
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(verdict_of(reader, row.xml) == row.error);
  }
}

TEST_CASE("every limit of a document is enforced and named") {
  XmlReadOptions options;
  options.limits = {
      .document = {200}, .token = {20}, .name = {8}, .depth = 3, .attributes = 2, .namespaces = 1};
  XmlReader reader(options);
  const std::vector<Row> rows = {
      {"<a><a><a/></a></a>", ""},
      {"<a><a><a><a/></a></a></a>",
       "line 1, column 10: more than 3 elements inside each other; raise limits.depth"},
      {"<a b='' c='' d=''/>",
       "line 1, column 4: an element with 3 attributes, more than limits.attributes of 2"},
      {"<a23456789/>", "line 1, column 2: a name of 9 bytes, more than limits.name of 8B"},
      {"<a>123456789012345678901</a>",
       "line 1, column 4: a text, value or comment of 21 bytes, more than limits.token of 20B"},
      {"<a b='123456789012345678901'/>",
       "line 1, column 7: a text, value or comment of 21 bytes, more than limits.token of 20B"},
      {"<a xmlns:p='u'><b xmlns:q='v'/></a>",
       "line 1, column 19: more than 1 namespace prefixes in scope; raise limits.namespaces"},
      {"<a>" + std::string(194, ' ') + "</a>",
       "the document has 201 bytes, more than limits.document of 200B"},
      {"<!DOCTYPE a [<!ENTITY e '0123456789012345678'><!ENTITY f '&e;&e;&e;&e;&e;&e;'>]>"
       "<a>&f;&f;</a>",
       "the document is larger than limits.document of 200B when expanded"},
  };
  for (const Row& row : rows) {
    INFO(row.xml);
    CHECK(verdict_of(reader, row.xml) == row.error);
  }
}

TEST_CASE("a DOCTYPE is refused where the policy says so") {
  XmlReadOptions options;
  options.dtd = DtdPolicy::kReject;
  XmlReader reader(options);
  const std::string refusal = ": a DOCTYPE is not accepted here; send the document without one";
  CHECK(verdict_of(reader, "<!DOCTYPE a><a/>") == "line 1, column 12" + refusal);
  CHECK(verdict_of(reader, "<!DOCTYPE a []><a/>") == "line 1, column 13" + refusal);
  CHECK(verdict_of(reader, "<a/>").empty());
}

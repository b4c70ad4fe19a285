#include "shared/document/xml_splitter.h"

#include <string>
#include <vector>

#include "shared/document/xml_reader.h"
#include "tests/document/cut.h"
#include "tests/support/catch.h"

using namespace docmill;

namespace {

// The same content written in one way: what two ways of cutting have to agree on.
std::string canonical(const std::string& record) {
  const Cut result = cut(record, "/*", 1 << 20, written_anew());
  return result.records.empty() ? result.error : result.records[0];
}

std::string utf16(std::string_view ascii) {
  std::string out = "\xFF\xFE";
  for (const char c : ascii) out.append({c, '\0'});
  return out;
}

struct Row {
  std::string what;
  std::string xml;
  std::string path;
  std::vector<std::string> records = {};
  std::string error = {};
};

const std::vector<Row> kRows = {
    {.what = "records are cut out, what is between them is dropped",
     .xml = "<c> t <b>1</b><x/><b n='2'/><!--c--></c>",
     .path = "/c/b",
     .records = {"<b>1</b>", "<b n='2'/>"}},
    {.what = "a record has the namespaces in scope",
     .xml = "<c xmlns='d' xmlns:p='p'><g xmlns:q='q'><b>1</b></g><b/></c>",
     .path = "//b",
     .records = {R"(<b xmlns="d" xmlns:p="p" xmlns:q="q">1</b>)", R"(<b xmlns="d" xmlns:p="p"/>)"}},
    {.what = "what the record declares itself is not added, and the inner declaration holds",
     .xml = "<c xmlns='d' xmlns:p='p'><g xmlns:p='r'><b xmlns='e'/></g></c>",
     .path = "/c/g/b",
     .records = {R"(<b xmlns:p="r" xmlns='e'/>)"}},
    {.what = "an undeclared default namespace stays undeclared",
     .xml = "<c xmlns='d'><g xmlns=''><b/></g><b xmlns=''/></c>",
     .path = "//b",
     .records = {"<b/>", "<b xmlns=''/>"}},
    {.what = "xml:lang and xml:space are inherited, xml:base and others are not",
     .xml = "<c xml:lang='de' xml:space='preserve' xml:base='u' k='v'><b/><b xml:lang='fr'/></c>",
     .path = "/c/b",
     .records = {R"(<b xml:lang="de" xml:space="preserve"/>)",
                 R"(<b xml:space="preserve" xml:lang='fr'/>)"}},
    {.what = "an inherited value is escaped",
     .xml = "<c xmlns:p='a&amp;&quot;&lt;&#10;b'><b/></c>",
     .path = "/c/b",
     .records = {R"(<b xmlns:p="a&amp;&quot;&lt;&#10;b"/>)"}},
    {.what = "a name that begins like another is not mistaken",
     .xml = "<c xmlns='d'><bb/><b/><b-/></c>",
     .path = "/c/b",
     .records = {R"(<b xmlns="d"/>)"}},
    {.what = "entities of the internal subset are expanded, elements in them too",
     .xml = "<!DOCTYPE c [<!ENTITY e 'x&#38;amp;y'><!ENTITY f '<i>z</i>'>]><c><b "
            "k='&e;'>&e;&f;</b></c>",
     .path = "/c/b",
     .records = {R"(<b k="x&amp;y">x&amp;y<i>z</i></b>)"}},
    {.what = "parameter entities of the internal subset are expanded",
     .xml = "<!DOCTYPE c [<!ENTITY % p \"<!ENTITY e 'v'>\"> %p;]><c><b>&e;</b></c>",
     .path = "/c/b",
     .records = {"<b>v</b>"}},
    {.what = "defaults of the DTD become attributes, namespaces among them",
     .xml = "<!DOCTYPE c [<!ATTLIST c xmlns CDATA #FIXED 'd'><!ATTLIST b w CDATA '50' n NMTOKEN "
            "#IMPLIED>]><c><b n=' a '/><b w='1'/></c>",
     .path = "/c/b",
     .records = {R"(<b xmlns="d" n="a" w="50"/>)", R"(<b xmlns="d" w="1"/>)"}},
    {.what = "of nested matches the outermost is the record",
     .xml = "<c><b>1<b>2</b></b><d><b/></d></c>",
     .path = "//b",
     .records = {"<b>1<b>2</b></b>", "<b/>"}},
    {.what = "a star is one level",
     .xml = "<c><x><b>1</b></x><b>2</b><y><b>3</b><z><b>4</b></z></y></c>",
     .path = "/c/*/b",
     .records = {"<b>1</b>", "<b>3</b>"}},
    {.what = "the root can be the record",
     .xml = "<?xml version='1.0'?><c a='1'/> <!-- x -->",
     .path = "/c",
     .records = {"<c a='1'/>"}},
    {.what = "names match as they are written",
     .xml = "<p:c xmlns:p='u'><p:b/><b/></p:c>",
     .path = "/p:c/p:b",
     .records = {R"(<p:b xmlns:p="u"/>)"}},
    {.what = "CDATA, comments and instructions in a record are kept",
     .xml = "<c><b><![CDATA[<&]]]]><!-- - --><?p d?><?q?></b></c>",
     .path = "/c/b",
     .records = {"<b><![CDATA[<&]]]]><!-- - --><?p d?><?q?></b>"}},
    {.what = "the same where the DTD makes the record be written anew",
     .xml = "<!DOCTYPE c []><c><b><![CDATA[<&]]]]><!-- - --><?p d?><?q?>&#13;&gt;</b></c>",
     .path = "/c/b",
     .records = {"<b><![CDATA[<&]]]]><!-- - --><?p d?><?q?>&#13;&gt;</b>"}},
    {.what = "a byte order mark is no part of a record",
     .xml = "\xEF\xBB\xBF<c>\xC3\xA9<b>\xC3\xA9</b></c>",
     .path = "/c/b",
     .records = {"<b>\xC3\xA9</b>"}},
    {.what = "a byte order mark before the record that is the root",
     .xml = "\xEF\xBB\xBF<b/>",
     .path = "/b",
     .records = {"<b/>"}},
    {.what = "UTF-16 becomes UTF-8",
     .xml = utf16("<c><b k='1'>x&#233;</b></c>"),
     .path = "/c/b",
     .records = {"<b k=\"1\">x\xC3\xA9</b>"}},
    {.what = "Latin-1 becomes UTF-8",
     .xml = "<?xml version='1.0' encoding='ISO-8859-1'?><c><b>\xE9</b></c>",
     .path = "/c/b",
     .records = {"<b>\xC3\xA9</b>"}},
    {.what = "a file that is cut off gives what precedes",
     .xml = "<c>\n<b>1</b>\n<b>2",
     .path = "/c/b",
     .records = {"<b>1</b>"},
     .error = "line 3, column 5 (byte 17): no element found"},
    {.what = "a mistake in the middle gives what precedes",
     .xml = "<c><b>1</b><b>2</x></b><b>3</b></c>",
     .path = "/c/b",
     .records = {"<b>1</b>"},
     .error = "line 1, column 18 (byte 17): mismatched tag"},
    {.what = "an entity that is not declared ends the file",
     .xml = "<c><b>1</b><b>&e;</b></c>",
     .path = "/c/b",
     .records = {"<b>1</b>"},
     .error = "line 1, column 15 (byte 14): undefined entity"},
    {.what = "an entity that the DTD's outer part may declare is not dropped in silence",
     .xml = "<!DOCTYPE c SYSTEM 'c.dtd'><c><b>1</b><b>&e;</b></c>",
     .path = "/c/b",
     .records = {"<b>1</b>"},
     .error = "line 1, column 42 (byte 41): entity 'e' is not declared in the file; expand it"},
    {.what = "nor is one in an attribute, which expat itself would drop",
     .xml = "<!DOCTYPE c SYSTEM 'c.dtd' [<!ENTITY d 'D'>]><c><b k='&d;&lt;&#9;'/><b k='&e;'/></c>",
     .path = "/c/b",
     .records = {"<b k=\"D&lt;&#9;\"/>"},
     .error = "line 1, column 69 (byte 68): entity 'e' is not declared in the file; expand it"},
    {.what = "the same where the internal subset has a parameter entity",
     .xml = "<!DOCTYPE c [<!ENTITY % p ''>%p;]><c><b k='&e;'/></c>",
     .path = "/c/b",
     .records = {},
     .error = "line 1, column 38 (byte 37): entity 'e' is not declared in the file; expand it"},
    {.what = "an external entity is not fetched",
     .xml = "<!DOCTYPE c [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><c><b>1</b><b>&e;</b></c>",
     .path = "/c/b",
     .records = {"<b>1</b>"},
     .error = "line 1, column 69 (byte 68): an entity is kept in 'file:///etc/passwd', and nothing "
              "outside of the file is fetched; expand it"},
    {.what = "an external parameter entity is not fetched",
     .xml = "<!DOCTYPE c [<!ENTITY % p SYSTEM 'p.ent'> %p;]><c><b/></c>",
     .path = "/c/b",
     .records = {},
     .error = "line 1, column 43 (byte 42): an entity is kept in 'p.ent', and nothing outside of "
              "the file is fetched; expand it"},
    {.what = "a DTD's outer part that nothing refers to does no harm",
     .xml = "<!DOCTYPE c PUBLIC '-//x' 'http://x/c.dtd'><c><b/></c>",
     .path = "/c/b",
     .records = {"<b/>"}},
    {.what = "an empty file",
     .xml = "",
     .path = "/c/b",
     .records = {},
     .error = "line 1, column 1 (byte 0): no element found"},
    {.what = "a file without a match has no records", .xml = "<c/>", .path = "/c/b", .records = {}},
};

}  // namespace

TEST_CASE("each record is a document of its own") {
  for (const Row& row : kRows) {
    INFO(row.what);
    const Cut result = cut(row.xml, row.path);
    CHECK(result.records == row.records);
    CHECK(result.error == row.error);
    XmlReader reader;
    for (const std::string& record : result.records) CHECK(reader.read(record).ok());
  }
}

TEST_CASE("chunks of every size from one byte on give the same as the whole") {
  for (const Row& row : kRows) {
    for (std::size_t chunk = 1; chunk <= 9; ++chunk) {
      INFO(row.what << ", chunks of " << chunk);
      const Cut result = cut(row.xml, row.path, chunk);
      CHECK(result.records == row.records);
      CHECK(result.error == row.error);
    }
  }
}

TEST_CASE("a chunk boundary at every byte changes nothing") {
  for (const Row& row : kRows) {
    for (std::size_t at = 0; at <= row.xml.size(); ++at) {
      XmlSplitter splitter(ElementPath::parse(row.path).value(), {});
      std::vector<std::string> records;
      const auto take = [&] {
        for (XmlRecord record; splitter.next(record);) records.emplace_back(record.bytes);
      };
      (void)splitter.feed(std::string_view(row.xml).substr(0, at), false);
      take();
      const Result<void> fed = splitter.feed(std::string_view(row.xml).substr(at), true);
      take();
      INFO(row.what << ", boundary at " << at);
      CHECK(records == row.records);
      CHECK((fed.ok() ? "" : fed.error().text) == row.error);
    }
  }
}

TEST_CASE("cutting by bytes and writing anew give the same content") {
  for (const Row& row : kRows) {
    INFO(row.what);
    const Cut bytes = cut(row.xml, row.path);
    const Cut anew = cut(row.xml, row.path, 3, written_anew());
    CHECK(anew.error == bytes.error);
    REQUIRE(anew.records.size() == bytes.records.size());
    for (std::size_t i = 0; i < anew.records.size(); ++i) {
      CHECK(canonical(anew.records[i]) == canonical(bytes.records[i]));
      CHECK(anew.facts[i].offset == bytes.facts[i].offset);
      CHECK(anew.facts[i].size == bytes.facts[i].size);
      CHECK(anew.facts[i].line == bytes.facts[i].line);
    }
  }
}

TEST_CASE("a record knows its number, line, offset and size in the file") {
  const std::string xml = "<c>\n <b>1</b>\r\n\n<b\n k='2'>\n</b ></c>";
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1000}}) {
    const Cut result = cut(xml, "/c/b", chunk);
    REQUIRE(result.facts.size() == 2);
    CHECK(result.facts[0].number == 1);
    CHECK(result.facts[0].line == 2);
    CHECK(result.facts[0].offset == 5);
    CHECK(result.facts[0].size == 8);
    CHECK(result.facts[1].number == 2);
    CHECK(result.facts[1].line == 4);
    CHECK(xml.substr(result.facts[1].offset, result.facts[1].size) == "<b\n k='2'>\n</b >");
  }
}

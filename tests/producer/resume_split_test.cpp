// Going on inside of a split file.
#include "producer/files/file_position.h"
#include "producer/sources/sources.h"
#include "tests/producer/compress.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

struct ResumeFixture : SourceFixture {
  std::string settings() const {
    return "{ path: " + path("*.xml") + ", split: //b, keep: { id: //*/@id } }";
  }
  std::vector<std::string> positions_of(const std::string& xml) {
    catalog = {};
    write("a.xml", xml);
    std::vector<std::string> positions;
    auto source = open(files_source(), settings());
    REQUIRE(source.ok());
    read_all(**source, &positions);
    return positions;
  }
};

struct Document {
  std::string what;
  std::string xml;
  std::string inside =
      {};  // what the position after the first record says is open; empty: not possible
};

const std::vector<Document> kDocuments = {
    {.what = "namespaces, undeclared too, and values that need escapes",
     .xml = "<c xmlns='d' xmlns:p='a&amp;&quot;&lt;&#10;b' k='v'><b>1</b><g xmlns=''><b/><p:x><b "
            "xmlns='e'/></p:x><b/></g><b/></c>",
     .inside = "<c xmlns=\"d\" xmlns:p=\"a&amp;&quot;&lt;&#10;b\">"},
    {.what = "lines of two characters, comments and end tags over several lines",
     .xml =
         "<c>\r\n<b>1</b\r\n>\r\n<!-- <b> \xC3\xA4\r\n--><b>2</b><?p b?>\xC3\xA4<b/>\r\n<b>4</b\n "
         "></c>\r\n",
     .inside = "<c>"},
    {.what = "kept attributes, languages, a declaration and a byte order mark",
     .xml = "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>\n<c id='&#228;&#9;' "
            "xml:lang='de'><g id='2'><b/><b id='3'/></g><g><b xml:lang='fr'/></g></c>",
     .inside = "<c id=\"\xC3\xA4&#9;\" xml:lang=\"de\"><g id=\"2\">"},
    {.what = "a mistake in the line that is gone on in",
     .xml = "<c>\n<b/>\xC3\xA4<b/><b>\xC3\xA4</x>",
     .inside = "<c>"},
    {.what = "a file that is cut off", .xml = "<c><g><b>1</b>\n<b>2</b>\n<b>3", .inside = "<c><g>"},
    {.what = "too deep", .xml = "<c><b/><b>1</b><g><g><g><g/></g></g></g></c>", .inside = "<c>"},
    {.what = "an element of a longer name than its bytes in the file",
     .xml = "<c id=\"'''''''\"><b/><b/></c>",
     .inside = "<c id=\"'''''''\">"},
    {.what = "a DOCTYPE", .xml = "<!DOCTYPE c SYSTEM 'c.dtd'><c><b/><b>&e;</b></c>"},
    {.what = "a DTD", .xml = "<!DOCTYPE c [<!ENTITY e 'v'>]><c><b/><b>&e;</b></c>"},
    {.what = "another encoding",
     .xml = "<?xml version='1.0' encoding='ISO-8859-1'?><c><b/><b>\xE4</b></c>"},
    {.what = "ASCII, in which other characters are mistakes",
     .xml = "<?xml version='1.0' encoding='US-ASCII'?><c><b/><b>\xC3\xA4</b></c>"},
    {.what = "too much that is open",
     .xml = "<c id='" + std::string(5000, 'x') + "'><b/><b>2</b></c>"},
    {.what = "JSON", .xml = "{\"b\":[1,2]}"},
};

TEST_CASE_METHOD(ResumeFixture, "from every record on the rest of a file follows, byte for byte") {
  limits.depth = 5;
  for (const Document& document : kDocuments) {
    INFO(document.what);
    const std::vector<std::string> positions = positions_of(document.xml);
    const auto after = parse_position(positions[1], "split");
    REQUIRE(after.ok());
    CHECK(after->open == document.inside);
    check_every_position(*this, files_source(), settings());
  }
}

TEST_CASE_METHOD(ResumeFixture, "nothing before the place is read again") {
  const std::string xml = "<c xmlns='d'>\n <g><b>1</b> <b>2</b><b>3</b></g></c>";
  const std::vector<std::string> positions = positions_of(xml);
  CHECK(positions[1] == "split 2 0 1 26 1 12 <c xmlns=\"d\"><g>");
  std::string overwritten = xml;
  overwritten.replace(0, 26, 26, '\0');
  write("a.xml", overwritten);
  auto source = open(files_source(), settings(), positions[1]);
  REQUIRE(source.ok());
  const std::vector<Seen> rest = read_all(**source);
  CHECK(outline(rest) == "<b xmlns=\"d\">2</b> <b xmlns=\"d\">3</b> | ^ $");
  CHECK(rest[0].offset == 27);
  CHECK(rest[0].record == 2);
  CHECK(rest[0].line == 2);
}

TEST_CASE_METHOD(ResumeFixture, "positions of other kinds read the file again") {
  const std::string xml = "<c><b>1</b><b>2</b><b>3</b></c>";
  positions_of(xml);
  const std::string rest = "<b>2</b> <b>3</b> | ^ $";
  const auto outline_from = [&](const std::string& position) {
    auto source = open(files_source(), settings(), position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return outline(read_all(**source));
  };
  CHECK(outline_from("split 1 0 1 0 0") == rest);          // of an earlier version
  CHECK(outline_from("split 2 0 1 11 0 11 <b>") == rest);  // of another path: <b> is a record here
  CHECK(outline_from("split 2 0 1 11 0 11 <c") == rest);
  write("a.xml", gzip(xml));
  catalog = {};
  std::vector<std::string> positions;
  auto source = open(files_source(), settings());
  REQUIRE(source.ok());
  read_all(**source, &positions);
  CHECK(positions[1] == "split 1 0 1 0 0");

  const auto refused = open(files_source(), settings(), "split 2 0 1 11 0 11");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() ==
        corrupt("producer.source.files: expected the position of a 'split' source, found 'split 2 "
                "0 1 11 0 11'; use the version and the source that wrote it, or start over with "
                "--fresh"));
}

}  // namespace
}  // namespace docmill::test

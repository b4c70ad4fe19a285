#include "producer/files/format_choice.h"
#include "producer/files/split_file.h"
#include "producer/sources/sources.h"
#include "tests/producer/source_fixture.h"

namespace docmill::test {
namespace {

using State = Source::State;

struct FilesFixture : SourceFixture {
  std::string whole() const { return "path: " + path("*.xml"); }
  std::string split() const { return "{ path: " + path("*.xml") + ", split: /c/b }"; }
  std::unique_ptr<Source> files(const std::string& settings, const std::string& position = "") {
    auto source = open(files_source(), settings, position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
};

TEST_CASE_METHOD(FilesFixture, "a whole file is one document, without boundaries") {
  write("b.xml", "[1]");
  write("a.xml", "<a/>\n");
  write("c.xml", "");
  const std::vector<Seen> all = read_all(*files(whole()));
  CHECK(outline(all) == "^ <a/>\n [1]  $");
  CHECK(all[1] == Seen{State::kDocument, "<a/>\n", "", path("a.xml"), 1, 0, 1, Format::kXml});
  CHECK(all[2].format == Format::kJson);
  CHECK(all[3].source == path("c.xml"));
}

TEST_CASE_METHOD(FilesFixture, "a byte order mark and UTF-16 do not hide that a file is XML") {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"\xEF\xBB\xBF<a/>"sv, "\xFF\xFE<\0a\0"sv, "\xFE\xFF\0<\0a"sv, " \n<a/>"sv}) {
    CHECK(format_of(FormatChoice::kAuto, text) == Format::kXml);
  }
}

TEST_CASE_METHOD(FilesFixture, "from every position the same whole files follow") {
  limits.document = Bytes{8};
  write("a.xml", "<a/>");
  write("b.xml", "<larger-than-that/>");
  write("c.xml", "<c/>");
  check_every_position(*this, files_source(), whole());
}

TEST_CASE_METHOD(FilesFixture, "a whole file above the limit or gone keeps its number") {
  limits.document = Bytes{8};
  write("a.xml", "<larger-than-that/>");
  write("b.xml", "<b/>");
  write("c.xml", "<c/>");
  CHECK(outline(read_all(*files(whole()))) == "^ ! <b/> <c/> $");
  std::filesystem::remove(path("b.xml"));
  const std::vector<Seen> all = read_all(*files(whole()));
  CHECK(outline(all) == "! ! <c/> ^ $");
  CHECK(all[0].bytes == "<larger-");
  CHECK(all[0].reason == oversize("<larger-than-that/>", 0, limits.document));
  CHECK(all[1].reason == path("b.xml") +
                             ": gone since it was first seen; to have it read, put it back under "
                             "a new name");
}

TEST_CASE_METHOD(FilesFixture, "an empty file counts 0 bytes, and still does when it is gone") {
  write("a.xml", "");
  for (const bool gone : {false, true}) {
    if (gone) std::filesystem::remove(path("a.xml"));
    const auto source = files(whole());
    if (!gone) {
      REQUIRE(source->peek()->state == State::kCaughtUp);
      source->take();
    }
    CHECK(source->peek()->state == (gone ? State::kDead : State::kDocument));
    CHECK(source->peek()->size == std::optional<std::uint64_t>(0));
  }
}

TEST_CASE_METHOD(FilesFixture, "records are cut out of each file, with a boundary at its end") {
  write("a.xml", "<c>\n<b>1</b>\n<b>2</b></c>");
  write("b.xml", "<c/>");
  write("c.xml", "<c><b>3</b></c>");
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ <b>1</b> <b>2</b> | | <b>3</b> | $");
  CHECK(all[2] == Seen{State::kDocument, "<b>2</b>", "", path("a.xml"), 2, 13, 3, Format::kXml});
  CHECK(log.lines == std::vector<std::string>{path("b.xml") + ": holds no element at /c/b"});
}

TEST_CASE_METHOD(FilesFixture, "a file that is cut off gives what precedes, then a dead letter") {
  write("a.xml", "<c>\n<b>1</b>\n<b>2");
  write("b.xml", "<c><b>3</b></c>");
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ <b>1</b> ! | <b>3</b> | $");
  CHECK(all[2] == Seen{State::kDead, "<b>2", "line 3, column 5 (byte 17): no element found",
                       path("a.xml"), 2, 13, 3, Format::kXml});
}

TEST_CASE_METHOD(FilesFixture, "a file that is not XML is one dead letter") {
  write("a.xml", "not XML");
  write("b.xml", "");
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ ! | ! | $");
  CHECK(all[1].bytes == "not XML");
  CHECK(all[1].reason == "line 1, column 1 (byte 0): syntax error");
  CHECK(all[3].reason == "line 1, column 1 (byte 0): no element found");
}

TEST_CASE_METHOD(FilesFixture,
                 "a dead letter holds all of what could not be read, up to the limit") {
  const std::string rest = "<b>" + std::string(100'000, 'x');
  write("a.xml", "<c>" + rest);
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(all[1].bytes == rest);
  CHECK(all[1].reason == "line 1, column 100007 (byte 100006): no element found");
}

TEST_CASE_METHOD(FilesFixture,
                 "of a rest above the limit a dead letter has the beginning and the hash") {
  limits.document = Bytes{80'000};
  const std::string rest = "<c></wrong>" + std::string(100'000, 'x');
  write("a.xml", rest);
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(all[1].bytes == rest.substr(0, 64 << 10));
  CHECK(all[1].reason == "line 1, column 6 (byte 5): mismatched tag" +
                             whereabouts(64 << 10, 0, rest.size(), rest.size(), hash64(rest)));
}

TEST_CASE_METHOD(FilesFixture, "a record above the limit is a dead letter and the rest goes on") {
  limits.document = Bytes{8};
  write("a.xml", "<c><b>1</b><b>too large</b><b>2</b></c>");
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ <b>1</b> ! <b>2</b> | $");
  CHECK(all[2].bytes == "<b>too l");
  CHECK(all[2].reason == oversize("<b>too large</b>", 11, limits.document));
}

TEST_CASE_METHOD(FilesFixture, "from every position the same records follow") {
  limits.document = Bytes{12};
  write("a.xml", "<c><b>1</b><b>much too large</b><b>2</b></c>");
  write("b.xml", "<c/>");
  write("c.xml", "<c><b>3</b><b>4</b><b>5");
  write("d.xml", "<c><b>6</b></c>");
  check_every_position(*this, files_source(), split());
}

TEST_CASE_METHOD(FilesFixture, "the size of the chunks does not show in the records") {
  const std::string text = "<c>\n<b>one</b>\n<b a='x'>two &amp; three</b><b>\xC3\xA4</b><b>4</d>";
  write("a.xml", text);
  const KnownFile file{.path = path("a.xml"), .size = text.size()};
  const auto path_of_records = SplitPath::parse("/c/b", FormatChoice::kXml);
  const auto read = [&](std::size_t chunk) {
    InputFolders folders(file.path);
    auto reader = FileReader::open(file, folders, log);
    REQUIRE(reader.ok());
    SplitFile records(std::move(*reader), {}, *path_of_records, limits, chunk);
    std::vector<Seen> all;
    Source::Next next;
    while (*records.next(next) == FileStep::kDocument) all.push_back(seen(next));
    return all;
  };
  const std::vector<Seen> expected = read(SplitFile::kChunk);
  CHECK(expected.size() == 4);
  for (const std::size_t chunk : {1U, 2U, 3U, 5U, 8U, 13U}) CHECK(read(chunk) == expected);
}

TEST_CASE_METHOD(FilesFixture, "with dtd: reject a file with a DOCTYPE is a dead letter") {
  write("a.xml", "<!DOCTYPE c><c><b/></c>");
  write("b.xml", "<c><b>1</b></c>");
  reading.dtd = XmlDtd::kReject;
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ ! | <b>1</b> | $");
  CHECK(
      all[1].reason ==
      "line 1, column 12 (byte 11): a DOCTYPE is not accepted here; send the document without one");
}

TEST_CASE_METHOD(FilesFixture, "the first bytes decide whether a file is split as XML or as JSON") {
  write("a.xml", "\n {\"c\":{\"b\":[1,\n[2]]}}");
  write("b.xml", "<c><b>1</b></c>");
  write("c.xml", "{\"c\":{\"b\":[\"x");
  write("d.xml", "{}");
  const std::vector<Seen> all = read_all(*files(split()));
  CHECK(outline(all) == "^ 1 [2] | <b>1</b> | ! | | $");
  CHECK(all[2] == Seen{State::kDocument, "[2]", "", path("a.xml"), 2, 16, 3, Format::kJson});
  CHECK(all[6] ==
        Seen{State::kDead, "\"x",
             "line 1, column 14 (byte 13): expected '\"' at the end of a string, found the "
             "end of the document",
             path("c.xml"), 1, 11, 1, Format::kJson});
  CHECK(log.lines ==
        std::vector<std::string>{
            path("c.xml") + ": not read completely: line 1, column 14 (byte 13): expected '\"' at "
                            "the end of a string, found the end of the document; it stays",
            path("d.xml") + ": holds no element at /c/b"});
  check_every_position(*this, files_source(), split());
}

TEST_CASE_METHOD(FilesFixture, "an empty pointer is the top-level array, an oversize item dead") {
  limits.document = Bytes{8};
  write("a.xml", "[1, [2,3], \"much too long\"]\n[4]");
  const std::string settings = "{ path: " + path("*.xml") + ", split: \"\" }";
  const std::vector<Seen> all = read_all(*files(settings));
  CHECK(outline(all) == "^ 1 [2,3] ! 4 | $");
  CHECK(all[3].bytes == "\"much to");
  CHECK(all[3].reason == oversize("\"much too long\"", 11, limits.document));
  check_every_position(*this, files_source(), settings);
}

TEST_CASE_METHOD(FilesFixture, "a file whose records were all read may be cleared away") {
  write("a.xml", "<c><b>1</b><b>2</b></c>");
  write("b.xml", "<c><b>3</b></c>");
  std::vector<std::string> positions;
  read_all(*files(split()), &positions);
  std::filesystem::remove(path("a.xml"));
  CHECK(outline(read_all(*files(split(), positions[2]))) == "| <b>3</b> | ^ $");
}

TEST_CASE_METHOD(FilesFixture, "chosen attributes of what stands around a record are its notes") {
  write("a.xml", "<c id='7'><b>1</b></c>");
  const auto source =
      files("{ path: " + path("*.xml") + ", split: /c/b, keep: { catalog: /c/@id } }");
  REQUIRE(source->peek().ok());
  source->take();
  CHECK(source->peek()->document.notes == R"("catalog":"7")");
}

TEST_CASE_METHOD(FilesFixture, "settings that do not fit together are refused") {
  struct Case {
    std::string settings;
    std::string text;
  };
  const std::vector<Case> cases = {
      {.settings = "{ path: " + path("*.xml") + ", split: book }",
       .text = "settings:1: split: expected a path like /catalog/book, found 'book': it has to "
               "begin with '/'\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: /c/b, format: text }",
       .text = "settings:1: split cuts XML and JSON, got format 'text'; leave the format out\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: /0/b, format: xml }",
       .text = "settings:1: split: expected a path like /catalog/book, found '/0/b': '0' is "
               "neither the name of an element nor '*'\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: //a~b, format: json }",
       .text = "settings:1: split: expected a JSON Pointer like /pages/*/items, found '//a~b': "
               "after '~' comes '0' (for '~') or '1' (for '/')\n"},
      {.settings = "{ path: " + path("*.xml") + ", keep: { a: /c/@id } }",
       .text = "settings:1: keep needs split; give the path of the records\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: \"\", keep: { a: /c/@id } }",
       .text = "settings:1: keep is for XML; leave it out for JSON\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: /c/b, keep: { a: /c/id } }",
       .text = "settings:1: keep.a: expected the path of an attribute like /catalog/@id, found "
               "'/c/id': its last step has to begin with '@'\n"},
      {.settings = "{ path: " + path("*.xml") + ", split: /c/b, keep: { loss: /c/@id } }",
       .text = "settings:1: keep: expected names of letters, digits, '_' and '-', not 'loss', got "
               "'loss'\n"},
      {.settings = whole(),
       .text = "producer.source.files.path: " + path("*.xml") +
               " matches no file; give a path that exists, or put the first file there before the "
               "start"},
  };
  for (const Case& c : cases) {
    const auto source = open(files_source(), c.settings);
    REQUIRE_FALSE(source.ok());
    CHECK(source.error().text == c.text);
    CHECK(source.error() == config_error(c.text));
  }
}

TEST_CASE_METHOD(FilesFixture, "a link that leads to itself is passed over, also as a folder") {
  std::filesystem::create_directory(path("in"));
  std::filesystem::create_symlink("loop.xml", path("loop.xml"));
  write("a.xml", "<a/>");
  write("in/b.xml", "<b/>");
  CHECK(outline(read_all(*files(whole()))) == "^ <a/> $");
  catalog = {};
  CHECK(outline(read_all(*files("path: " + path("*/*.xml")))) == "^ <b/> $");
}

}  // namespace
}  // namespace docmill::test

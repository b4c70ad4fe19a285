// `docmill convert`: a document in, a line of JSON out, and what it says when that cannot be.
#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::vector<std::string> arguments = {};
  std::string input = "";
  int code = 0;
  std::string out = "";
  std::string err = "";
};

TEST_CASE("A document becomes one line of JSON, or a message and a code say why not") {
  const TempFolder folder;
  write_file(folder / "books.xml", "<books><book id=\"1\">x</book></books>");
  write_file(folder / "broken.xml", "<books>\n\n</book>");
  const std::vector<Case> cases = {
      {.input = "<a>x</a>", .out = "{\"a\":\"x\"}\n"},
      {.arguments = {"books.xml"},
       .out = "{\"books\":{\"book\":{\"@id\":\"1\",\"#text\":\"x\"}}}\n"},
      {.arguments = {"--force-list", "book", "books.xml"},
       .out = "{\"books\":{\"book\":[{\"@id\":\"1\",\"#text\":\"x\"}]}}\n"},
      {.arguments = {"books.xml", "--force-list", "/books/book", "--force-list", "books"},
       .out = "{\"books\":[{\"book\":[{\"@id\":\"1\",\"#text\":\"x\"}]}]}\n"},
      {.arguments = {"--to", "xml"},
       .input = "{\"a\":{\"b\":[1,2]}}",
       .out = "<a xmlns:json=\"urn:docmill:json\"><b json:type=\"number\">1</b>"
              "<b json:type=\"number\">2</b></a>\n"},
      {.arguments = {"--to", "xml", "--convention", "compact"},
       .input = "{\"a\":{\"@b\":1}}\n",
       .out = "<a b=\"1\"/>\n"},
      {.arguments = {"--to", "xml", "--convention", "compact"},
       .input = "{\"a\":1,\"b\":2}",
       .code = 65,
       .err = "standard input: line 1, column 1: expected an object with one key, the name of the "
              "root element\n"},
      {.arguments = {"--to", "xml", "--convention", "parker"},
       .code = 64,
       .err = "--convention: parker cannot be read back; choose another\n"},
      {.arguments = {"--convention", "ordred"},
       .code = 64,
       .err = "--convention: must be compact, ordered, badgerfish, jsonml, parker, natural "
              "or xpath31, got 'ordred'; did you mean 'ordered'?\n"},
      {.arguments = {"--convention", "ordered"},
       .input = "<a><!--c-->x</a>",
       .out = "[\"a\",{\"#comment\":\"c\"},\"x\"]\n"},
      {.arguments = {"--convention", "natural"},
       .input = "<a xmlns:json='urn:docmill:json' json:type='number'>1.10</a>",
       .out = "{\"a\":1.10}\n"},
      {.arguments = {"--on-loss", "error"},
       .input = "<a>x<b/></a>",
       .code = 65,
       .err = "standard input: the JSON would lose: mixed; choose another convention, or another "
              "on_loss\n"},
      {.input = "<a>x & y</a>",
       .code = 65,
       .err = "standard input: line 1, column 6: '&' begins no reference; write '&amp;'\n"},
      {.arguments = {"--parser", "lenient"}, .input = "<a>x & y</a>", .out = "{\"a\":\"x & y\"}\n"},
      {.arguments = {"--dtd", "reject"},
       .input = "<!DOCTYPE a><a/>",
       .code = 65,
       .err =
           "standard input: line 1, column 12: a DOCTYPE is not accepted here; send the document "
           "without one\n"},
      {.arguments = {"--dtd", "reject", "--split", "/a/b"},
       .input = "<!DOCTYPE a><a><b/></a>",
       .code = 65,
       .err =
           "standard input: line 1, column 12 (byte 11): a DOCTYPE is not accepted here; send the "
           "document without one\n"},
      {.arguments = {"--parser", "loose"},
       .code = 64,
       .err = "--parser: must be strict or lenient, got 'loose'\n"},
      {.arguments = {"--select", "book/@id", "books.xml"}, .out = "\"1\"\n"},
      {.arguments = {"--select", "//book", "books.xml"},
       .out = "{\"book\":{\"@id\":\"1\",\"#text\":\"x\"}}\n"},
      {.arguments = {"--select", "book["},
       .code = 64,
       .err =
           "--select: expected an XPath, found 'book[': Unrecognized node test at character 6\n"},
      {.arguments = {"--split", "/books/book", "books.xml", "broken.xml"},
       .code = 65,
       .out = "{\"book\":{\"@id\":\"1\",\"#text\":\"x\"}}\n",
       .err = "broken.xml: line 3, column 3 (byte 11): mismatched tag\n"},
      {.arguments = {"--split", "book"},
       .code = 64,
       .err = "--split: expected a path like /catalog/book, found 'book': it has to begin with "
              "'/'\n"},
      {.arguments = {"--to", "yaml"},
       .code = 64,
       .err = "--to: expected json or xml, found 'yaml'\n"},
      {.arguments = {"missing.xml"},
       .code = 66,
       .err = "missing.xml: no such file or directory; name a file that this user may read\n"},
      {.arguments = {"."},
       .code = 66,
       .err = ".: is a directory; name a file that this user may read\n"},
  };
  for (const Case& test : cases) {
    std::vector<std::string> arguments = {"convert"};
    arguments.insert(arguments.end(), test.arguments.begin(), test.arguments.end());
    const Outcome outcome = docmill(folder.path(), arguments, test.input);
    INFO(test.out << test.err);
    CHECK(outcome.code == test.code);
    CHECK(outcome.out == test.out);
    CHECK(outcome.err == test.err);
  }
}

TEST_CASE(
    "Records are converted by several threads and stay in order; a bad one does not stop them") {
  const TempFolder folder;
  std::string xml = "<c xmlns:p='urn:p'>";
  std::string expected;
  for (int i = 0; i < 60'000; ++i) {
    const std::string number = std::to_string(i);
    // An undeclared prefix is the record's own fault.
    xml += i == 30'000 ? "<b><q:x/></b>\n" : "<b>" + number + std::string(50, 'x') + "</b>\n";
    if (i != 30'000)
      expected +=
          "{\"b\":{\"@xmlns:p\":\"urn:p\",\"#text\":\"" + number + std::string(50, 'x') + "\"}}\n";
  }
  write_file(folder / "many.xml", xml + "</c>");
  for (const char* jobs : {"1", "3"}) {
    const Outcome outcome =
        docmill(folder.path(), {"convert", "--split", "/c/b", "-j", jobs, "many.xml"});
    CHECK(outcome.code == 65);
    CHECK((outcome.out == expected));
    CHECK(outcome.err ==
          "many.xml: record 30001 at line 30001: line 1, column 21: namespace prefix 'q' is not "
          "declared; declare it with xmlns:q\n");
  }
}

TEST_CASE("What is not well-formed is named with file, line and column, exit 65") {
  const TempFolder folder;
  write_file(folder / "broken.xml", "<books>\n\n</book>");
  const Outcome file = docmill(folder.path(), {"convert", "broken.xml"});
  CHECK(file.code == 65);
  CHECK(file.out.empty());
  CHECK(file.err.starts_with("broken.xml: line 3, column "));
  const Outcome input = docmill(folder.path(), {"convert"}, "");
  CHECK(input.code == 65);
  CHECK(input.err.starts_with("standard input: line 1, column "));
}

TEST_CASE("A wrong command line is 64, with what was meant where that can be told") {
  const TempFolder folder;
  const Outcome unknown = docmill(folder.path(), {"chekc"});
  CHECK(unknown.code == 64);
  CHECK(unknown.err == "docmill: unknown command 'chekc'; did you mean 'check'?\n");
  CHECK(docmill(folder.path(), {"frobnicate"}).err ==
        "docmill: unknown command 'frobnicate'; 'docmill --help' lists them\n");
  CHECK(docmill(folder.path(), {}).code == 64);
  CHECK(docmill(folder.path(), {"check"}).code == 64);
  CHECK(docmill(folder.path(), {"run", "books.yaml", "--transformers", "0"}).code == 64);
  CHECK(docmill(folder.path(), {"convert", "--force-list", "a//b"}).code == 64);
  CHECK(docmill(folder.path(), {"--help"}).code == 0);
  CHECK(docmill(folder.path(), {"--version"}).out.starts_with("docmill 0."));
}

}  // namespace
}  // namespace docmill::test

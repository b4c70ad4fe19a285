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
       .err =
           "--convention: expected natural, xpath31, compact, badgerfish, ordered or jsonml, found "
           "'parker'\n"},
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

// `docmill test`: what it prints, its exit codes, and the report for build servers.
#include "cli/testing/test_report.h"
#include "shared/document/xml_reader.h"
#include "shared/document/xml_tree.h"
#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

const std::string kPipeline =
    "pipeline: a\nproducer: { source: { files: { path: in/*.xml, split: /c/b } } }\n"
    "transformer: { processors: [ to_json ] }\n"
    "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\ntests:\n";
const std::string kGood = "  - name: good\n    input: <c><b>1</b></c>\n    output: { b: \"1\" }\n";
const std::string kBad = "  - input: { file: in.xml }\n    output: { b: x }\n";

struct Case {
  std::vector<std::string> arguments = {"a.yaml"};
  std::string tests;
  int code = 0;
  std::string out = "";
  std::string err = "";
};

TEST_CASE("Each test is a line, what differs stands below it, and the exit code says it all") {
  const TempFolder folder;
  write_file(folder / "b.yaml", kPipeline + kGood);
  write_file(folder / "broken.yaml", kPipeline + "  - { inptu: a }\n");
  write_file(folder / "in.xml", "<c><b>1</b></c>");
  const std::string good = "ok     a.yaml:6: good\n";
  const std::string bad =
      "FAILED a.yaml:9: test 2\n  output: differs (- expected, + found)\n      {\n    -   \"b\": "
      "\"x\"\n"
      "    +   \"b\": \"1\"\n      }\n";
  const std::vector<Case> cases = {
      {.tests = kGood, .out = good + "1 test: 1 ok, 0 failed\n"},
      {.tests = kGood + kBad, .code = 1, .out = good + bad + "2 tests: 1 ok, 1 failed\n"},
      {.arguments = {"a.yaml", "b.yaml", "--only", "good"},
       .tests = kGood + kBad,
       .out = good + "ok     b.yaml:6: good\n2 tests: 2 ok, 0 failed\n"},
      {.arguments = {"a.yaml", "b.yaml", "--only", "test 2"},
       .tests = kGood + kBad,
       .code = 1,
       .out = bad + "1 test: 0 ok, 1 failed\n"},
      {.arguments = {"a.yaml", "--only", "godo"},
       .tests = kGood,
       .code = 64,
       .err = "--only: no test is called 'godo'; did you mean 'good'?\n"},
      {.tests = "",
       .code = 1,
       .out = "0 tests: 0 ok, 0 failed\n",
       .err = "a.yaml: expected a section 'tests' with at least one test, found none\n"},
      {.arguments = {"a.yaml", "broken.yaml", "none.yaml"},
       .tests = kGood + "    filtered: x\n",
       .code = 78,
       .err = "a.yaml:9: tests[0].filtered: must be a whole number, got 'x'\n"
              "broken.yaml:6: tests[0].inptu: unknown field; did you mean 'input'?\n"
              "broken.yaml:6: tests[0].input: missing, and required; for example 'input: "
              "<catalog/>'\n"
              "none.yaml: cannot be read: no such file or directory; give the path of a pipeline "
              "file\n"},
      {.tests = "  - { input: <c/>, outputs: 1 }\n",
       .code = 1,
       .out = "FAILED a.yaml:6: test 1\n  outputs: expected 1, found 0\n"
              "  log: the input: holds no element at /c/b\n1 test: 0 ok, 1 failed\n"},
      {.tests = "  - { name: \"a\\nb\\e[2J\", input: <c/>, outputs: 0 }\n",
       .out = "ok     a.yaml:6: a\\x0ab\\x1b[2J\n1 test: 1 ok, 0 failed\n"},
      {.arguments = {"a.yaml", "--junit", "none/a.xml"},
       .tests = kGood,
       .code = 74,
       .out = good + "1 test: 1 ok, 0 failed\n",
       .err = "none/a.xml: no such file or directory; name a file that this user may write\n"},
  };
  for (const Case& test : cases) {
    write_file(folder / "a.yaml", kPipeline + test.tests);
    std::vector<std::string> arguments = {"test"};
    arguments.insert(arguments.end(), test.arguments.begin(), test.arguments.end());
    const Outcome outcome = docmill(folder.path(), arguments);
    INFO(test.tests);
    CHECK(outcome.code == test.code);
    CHECK(outcome.out == test.out);
    CHECK(outcome.err == test.err);
  }
}

// What the XPath finds in a document, '|' between the results.
std::string found(const std::string& xml, const std::string& xpath) {
  XmlTree tree;
  REQUIRE(tree.load(xml).ok());
  const auto path = XmlPath::compile(xpath);
  REQUIRE(path.ok());
  std::vector<std::string> texts;
  tree.texts(*path, texts);
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "|") + text;
  return all;
}

TEST_CASE("The report for build servers is XML that says what the screen says") {
  const TempFolder folder;
  write_file(folder / "in.xml", "<c><b>1</b></c>");
  write_file(folder / "a.yaml",
             kPipeline + kGood + kBad +
                 "  - { name: \"<&\\\"\\x01\\uFFFE]]>\", input: <c/>, outputs: 1 }\n");
  write_file(folder / "b.yaml", kPipeline + kGood);
  const Outcome outcome =
      docmill(folder.path(), {"test", "a.yaml", "b.yaml", "--junit", "report.xml"});
  CHECK(outcome.code == 1);
  const std::string xml = read_file(folder / "report.xml");
  INFO(xml);
  CHECK(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"4\""));
  REQUIRE(XmlReader().read(xml).ok());
  CHECK(found(xml, "@tests | @failures | @errors") == "4|2|0");
  CHECK(found(xml, "testsuite/@name") == "a.yaml|b.yaml");
  CHECK(found(xml, "testsuite/@failures") == "2|0");
  CHECK(found(xml, "testsuite/testcase/@name") ==
        "good|test 2|<&\"\xef\xbf\xbd\xef\xbf\xbd]]>|good");
  CHECK(found(xml, "testsuite[1]/testcase/@line") == "6|9|11");
  CHECK(found(xml, "//failure/@message") == "output: differs|outputs: expected 1, found 0");
  const std::string diff = found(xml, "//testcase[2]/failure");
  CHECK(outcome.out.find(diff) != std::string::npos);
  CHECK(diff.starts_with("FAILED a.yaml:9: test 2\n  output: differs (- expected, + found)\n"));
  CHECK(found(xml, "//testcase[@time < 0 or @time > 60]/@name").empty());
}

TEST_CASE("The files of a test are seen from the pipeline's folder, and check looks for them too") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "pipelines");
  write_file(folder / "pipelines/in.xml", "<c><b>x</b></c>");
  write_file(folder / "pipelines/a.yaml", kPipeline + kBad);
  CHECK(docmill(folder.path(), {"test", "pipelines/a.yaml"}).code == 0);
  CHECK(docmill(folder.path(), {"check", "pipelines/a.yaml"}).out == "pipelines/a.yaml: ok\n");
  std::filesystem::remove(folder / "pipelines/in.xml");
  const Outcome checked = docmill(folder.path(), {"check", "pipelines/a.yaml"});
  CHECK(checked.code == 78);
  CHECK(checked.err ==
        "pipelines/a.yaml:6: tests[0].input.file: must be a file, got 'in.xml'; give its path from "
        "the folder of the pipeline file\n");
}

// The block of a page that begins like that.
std::string yaml_block(const std::string& page, const std::string& first_line) {
  const std::size_t begin = page.find("```yaml\n" + first_line);
  REQUIRE(begin != std::string::npos);
  return page.substr(begin + 8, page.find("```\n", begin + 8) - begin - 8);
}

TEST_CASE("The pipeline of the README makes what the test of the README says") {
  const TempFolder folder;
  const std::string readme = read_file(DOCMILL_SOURCE_DIR "/README.md");
  write_file(folder / "books.yaml",
             yaml_block(readme, "pipeline: books\n") + yaml_block(readme, "tests:\n"));
  const Outcome outcome = docmill(folder.path(), {"test", "books.yaml"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
}

TEST_CASE("A terminal sees ok in green, and what was expected in red") {
  const TestReport report{
      .file = "a.yaml",
      .line = 3,
      .name = "one",
      .differences = {{"output: differs",
                       {{DiffLine::Kind::kExpected, "x"}, {DiffLine::Kind::kFound, "y"}}}},
      .log = {}};
  CHECK(report_text(report, true) ==
        "\x1b[31mFAILED\x1b[0m a.yaml:3: one\n  output: differs (- expected, + found)\n"
        "\x1b[31m    - x\x1b[0m\n\x1b[32m    + y\x1b[0m\n");
  CHECK(report_text({.file = "a.yaml", .line = 3, .name = "one", .differences = {}, .log = {"x"}},
                    true) == "\x1b[32mok    \x1b[0m a.yaml:3: one\n");
}

}  // namespace
}  // namespace docmill::test

// The `tests` section of a pipeline file: what is read, what is found wrong, who passes over it.
#include "shared/config/test_schema.h"

#include <fstream>

#include "shared/config/pipeline.h"
#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

// The first test stands in line 5.
std::string with_tests(const std::string& tests) { return minimal("tests:\n" + tests); }

struct Case {
  std::string tests;
  std::string findings;  // after "books.yaml:"
};

TEST_CASE("A test is read with its documents, texts and counts") {
  const Catalog catalog;
  Findings findings;
  const auto config = parse_pipeline(with_tests("  - name: one\n"
                                                "    input: [<a/>, { b: 1 }, { file: in.xml }]\n"
                                                "    output: []\n"
                                                "    dead:\n"
                                                "      - \"no: a\"\n"
                                                "      - { error: 'no: b', document: { x: y } }\n"
                                                "    filtered: 2\n"
                                                "    notes: [{ key: k }, {}]\n"
                                                "  - input: <b/>\n"
                                                "    error: \"no: c\"\n"),
                                     "nowhere/books.yaml", catalog.sets(), {}, findings);
  CHECK(findings.text() ==
        "nowhere/books.yaml:6: tests[0].input[2].file: must be a file, got 'in.xml'; give its path "
        "from the folder of the pipeline file\n");
  Findings none;
  const auto good = parse_pipeline(with_tests("  - name: one\n"
                                              "    input: [<a/>, { b: \"1\" }]\n"
                                              "    output: []\n"
                                              "    dead: [a, { error: b, document: { x: y } }]\n"
                                              "    filtered: 2\n"
                                              "    notes: [{ key: k }, {}]\n"
                                              "\n"
                                              "  - input: <b/>\n"
                                              "    error: \"no: c\"\n"),
                                   "books.yaml", catalog.sets(), {}, none);
  REQUIRE(good.has_value());
  const TestConfig& one = good->tests.at(0);
  CHECK(one.name == "one");
  CHECK(one.line == 5);
  REQUIRE(one.input.all.size() == 2);
  CHECK(one.input.all[0].node.text == "<a/>");
  CHECK(one.input.all[0].node.plain);
  CHECK_FALSE(one.input.all[1].node.find("b")->plain);
  REQUIRE(one.output.has_value());
  CHECK(one.output->all.empty());
  REQUIRE(one.dead.size() == 2);
  CHECK(one.dead[0].error == "a");
  CHECK_FALSE(one.dead[0].document.has_value());
  CHECK(one.dead[1].document->node.find("x")->text == "y");
  CHECK(one.filtered == 2);
  CHECK(one.notes->all.at(0) == std::map<std::string, std::string>{{"key", "k"}});
  CHECK_FALSE(one.dead_letters.has_value());
  CHECK(good->tests.at(1).line == 12);
  CHECK(good->tests.at(1).error == "no: c");
  CHECK_FALSE(good->tests.at(1).output.has_value());
}

TEST_CASE("What is wrong with a test is found with its line and its cure") {
  const std::vector<Case> cases = {
      {.tests = "  - output: a\n",
       .findings = "5: tests[0].input: missing, and required; for example 'input: <catalog/>'"},
      {.tests = "  - <catalog/>\n",
       .findings = "5: tests[0]: must be a mapping of fields, got '<catalog/>'"},
      {.tests = "  - input: a\n    ouptut: b\n    outputs: 1\n",
       .findings = "6: tests[0].ouptut: unknown field; did you mean 'output'?"},
      {.tests = "  - input: <a/>\n",
       .findings = "5: tests[0]: must say what comes out: output, notes, error, dead, outputs, "
                   "filtered or dead_letters"},
      {.tests = "  - input: []\n    outputs: 0\n",
       .findings = "5: tests[0].input: must have at least one document, got none"},
      {.tests = "  - input:\n    outputs: 0\n",
       .findings = "5: tests[0].input: must be a document: text, a mapping that is its JSON, or "
                   "'file: PATH', got nothing"},
      {.tests = "  - input: [a, null]\n    outputs: 0\n",
       .findings = "5: tests[0].input[1]: must be a document: text, a mapping that is its JSON, or "
                   "'file: PATH', got nothing"},
      {.tests = "  - input: a\n    output: { b: 1, c: [{ d: 1, d: 2 }] }\n",
       .findings = "6: tests[0].output.c[0].d: given twice; keep one of them"},
      {.tests = "  - input: a\n    error: b\n    dead: c\n",
       .findings = "5: tests[0]: 'error' cannot stand beside 'dead'; keep one of them"},
      {.tests = "  - input: a\n    error: b\n    dead_letters: 1\n",
       .findings = "5: tests[0]: 'dead_letters' cannot stand beside 'error'; keep one of them"},
      {.tests = "  - input: a\n    output: b\n    outputs: 1\n",
       .findings = "5: tests[0]: 'outputs' cannot stand beside 'output'; keep one of them"},
      {.tests = "  - input: a\n    error: [b]\n",
       .findings = "6: tests[0].error: must be text, got a list"},
      {.tests = "  - input: a\n    dead: { error: b }\n",
       .findings = "6: tests[0].dead: must be a list, got a mapping; begin each entry with '- '"},
      {.tests = "  - input: a\n    dead: [{ document: b }]\n",
       .findings = "6: tests[0].dead[0].error: missing, and required; for example 'error: "
                   "\"transformer.to_json: line 1, column 2: expected a name\"'"},
      {.tests = "  - input: a\n    filtered: -1\n",
       .findings = "6: tests[0].filtered: must be at least 0, got '-1'"},
      {.tests = "  - input: a\n    notes: { key: [b] }\n",
       .findings = "6: tests[0].notes.key: must be text, got a list"},
      {.tests = "  - input: a\n    notes: { key: b, key: c }\n",
       .findings = "6: tests[0].notes.key: given twice; keep one of them"},
      {.tests = "  - input: a\n    notes: b\n",
       .findings = "6: tests[0].notes: must be a mapping of names, got 'b'"},
      {.tests = "  - input: { file: '' }\n    outputs: 0\n",
       .findings = "5: tests[0].input.file: must be a file, got ''; give its path from the folder "
                   "of the pipeline file"},
      {.tests = "  - input: a\n    dead: [{ error: b, document: { file: c } }]\n",
       .findings = "6: tests[0].dead[0].document.file: must be a file, got 'c'; give its path from "
                   "the folder of the pipeline file"},
  };
  for (const Case& test : cases) {
    INFO(test.tests);
    CHECK(findings_of(with_tests(test.tests)) == "books.yaml:" + test.findings + "\n");
  }
  CHECK(findings_of(
            with_tests("  - input: a\n    wrong: 1\n  - input: { file: b }\n    outputs: 0\n")) ==
        "books.yaml:6: tests[0].wrong: unknown field; known are name, input, output, notes, error, "
        "dead, outputs, filtered, dead_letters\n"
        "books.yaml:7: tests[1].input.file: must be a file, got 'b'; give its path from the folder "
        "of the pipeline file\n");
  CHECK(findings_of(minimal("tests: { input: a }\n")) ==
        "books.yaml:4: tests: must be a list, got a mapping; begin each entry with '- '\n");
}

TEST_CASE(
    "A mapping with a member 'file' and another is a document, and so is one that is no text") {
  CHECK(findings_of(with_tests("  - input: { file: a, size: 1 }\n    output: { file: [a] }\n")) ==
        "");
}

TEST_CASE("A program that does not look at tests starts whatever they say") {
  const Catalog catalog;
  ComponentSets sets = catalog.sets();
  sets.tests = false;
  Findings findings;
  const auto config = parse_pipeline(with_tests("  - { inptu: { file: missing } }\n"), "books.yaml",
                                     sets, {}, findings);
  CHECK(findings.text() == "");
  REQUIRE(config.has_value());
  CHECK(config->tests.empty());
}

}  // namespace
}  // namespace docmill::test

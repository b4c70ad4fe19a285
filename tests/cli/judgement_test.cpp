// In what an outcome differs from what a test says, and in what it does not.
#include "cli/testing/judgement.h"

#include "tests/cli/testing_fixture.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::string test;              // after "  - "
  std::string differences = "";  // none: it passes
  Pipeline pipeline = {};
};

void check_all(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    INFO(test.test);
    CHECK(differences_of(test.pipeline, "  - " + test.test + "\n") == test.differences);
  }
}

TEST_CASE("JSON is compared by what it says, and its numbers digit by digit") {
  check_all({
      {.test = R"({ input: '{"b":1.10,"a":"\u00e9\/"}', output: { a: "é/", b: 1.10 } })"},
      {.test = R"({ input: '{"a": [1, {}]}', output: '{ "a":[ 1,{} ] }' })"},
      {.test = R"({ input: '{"a":"1"}', output: { a: "1" } })"},
      {.test = R"({ input: '{"a":"1"}', output: { a: 1 } })",
       .differences = "output: differs\n  {\n-   \"a\": 1\n+   \"a\": \"1\"\n  }\n"},
      {.test = R"({ input: '{"a":1.1}', output: { a: 1.10 } })",
       .differences = "output: differs\n  {\n-   \"a\": 1.10\n+   \"a\": 1.1\n  }\n"},
      {.test = R"({ input: '[1,2]', output: [[2, 1]] })",
       .differences = "output: differs\n  [\n-   2\n    1\n+   2\n  ]\n"},
      // A member more is one line more, and the order is the one of what was expected.
      {.test = R"({ input: '{"x":{"a":1,"b":[],"c":null}}', output: { x: { c: null, a: 1 } } })",
       .differences =
           "output: differs\n.. 1 equal line\n    \"x\": {\n      \"c\": null\n      \"a\": 1\n"
           "+     \"b\": []\n    }\n  }\n"},
      {.test = "{ input: '{\"a\":\"x\u00a0y\"}', output: { a: x y } }",
       .differences = "output: differs; expected U+0020, found U+00A0 where they part\n"
                      "  {\n-   \"a\": \"x y\"\n+   \"a\": \"x\u00a0y\"\n  }\n"},
      {.test = "{ input: '{\"a\":\"\u00e9\"}', output: '{\"a\":\"e\u0301\"}' }",
       .differences = "output: differs; expected U+0065, found U+00E9 where they part\n"
                      "  {\n-   \"a\": \"e\u0301\"\n+   \"a\": \"\u00e9\"\n  }\n"},
      {.test = "{ input: <a/>, output: { a: null } }",
       .differences = "output: differs; expected JSON, found XML\n- {\n-   \"a\": null\n- }\n"
                      "+ <a/>\n"},
      {.test = "{ input: '{\"a\":1}', output: <a>1</a> }",
       .differences = "output: differs\n- <a>1</a>\n+ {\"a\":1}\n"},
  });
}

TEST_CASE("Everything else is compared byte by byte, but for one line break at the end") {
  check_all({
      {.test = "{ input: \"<a>\\n</a>\\n\", output: \"<a>\\n</a>\" }"},
      {.test = "{ input: '<a></a>', output: <a/> }",
       .differences = "output: differs\n- <a/>\n+ <a>\n+ </a>\n"},
      {.test = "{ input: \"<a>1</a>\", output: \"<a>1</a>\\n\\n\" }",
       .differences = "output: differs\n  <a>1</a>\n- \n"},
      {.test = "{ input: '<r><a>1</a><b>2</b></r>', output: '<r><a>1</a><b>3</b></r>' }",
       .differences = "output: differs\n  <r>\n  <a>1</a>\n- <b>3</b>\n+ <b>2</b>\n  </r>\n"},
      {.test = "{ input: \"<r>\\n<a/></r>\", output: \"<r><a/></r>\" }",
       .differences = "output: differs\n- <r><a/></r>\n+ <r>\n+ <a/></r>\n"},
      {.test = "{ input: plain, output: plain }"},
      {.test = "{ input: 12, output: 12 }"},
      {.test = R"({ input: "a\0b", output: "a\0b" })"},
      {.test = R"({ input: "a\0b", output: "a\0c" })",
       .differences = "output: differs; at byte 2 expected 0x63, found 0x62\n"
                      "- (3 bytes that are not text, hash 657ae23ae06768e6)\n"
                      "+ (3 bytes that are not text, hash d5a06cd078125351)\n"},
  });
}

TEST_CASE("Lists that are longer or shorter are told, and what is missing is what is seen") {
  const Pipeline lines{.source = "{ lines: in }"};
  check_all({
      {.test = "{ input: \"a\\nb\\nc\", output: [a, b, c] }", .pipeline = lines},
      {.test = "{ input: \"a\\nb\\nc\", output: [b, c] }",
       .differences = "output: expected 2 documents, found 3\n+ a\n+ ---\n  b\n  ---\n  c\n",
       .pipeline = lines},
      {.test = "{ input: \"a\\nb\", output: [a, b, c] }",
       .differences = "output: expected 3 documents, found 2\n  a\n  ---\n  b\n- ---\n- c\n",
       .pipeline = lines},
      {.test = "{ input: \"a\\nb\\nc\", output: [a, x, y] }",
       .differences = "output: 2 of 3 documents differ, document 2 first\n"
                      "  a\n  ---\n- x\n+ b\n  ---\n- y\n+ c\n",
       .pipeline = lines},
      {.test = "{ input: a, output: [] }",
       .differences = "output: expected none, found 1\n+ a\n",
       .pipeline = lines},
      {.test = "{ input: '', output: [] }", .pipeline = lines},
      {.test = "{ input: '', output: a }",
       .differences = "output: expected 1 document, found none\n- a\n",
       .pipeline = lines},
      {.test = "{ input: '', output: '' }",
       .differences = "output: expected 1 document, found none\n",
       .pipeline = lines},
      {.test = "{ input: \"a\\nb\", outputs: 3 }",
       .differences = "outputs: expected 3, found 2\n",
       .pipeline = lines},
  });
}

TEST_CASE("Dead letters are none unless the test says which, or how many") {
  const Pipeline json{.processors = "[to_json]"};
  const std::string reason =
      "transformer.to_json: line 1, column 1: expected '<' of the root element, found 'x'";
  check_all({
      {.test = "{ input: x, error: \"" + reason + "\" }", .pipeline = json},
      {.test = "{ input: x, error: \"" + reason + "\\n\" }", .pipeline = json},
      {.test = "{ input: x, dead: [{ error: \"" + reason + "\", document: x }] }",
       .pipeline = json},
      {.test = "{ input: [x, <a/>, x], dead_letters: 2, outputs: 1 }", .pipeline = json},
      {.test = "{ input: [x, <a/>], output: { a: null } }",
       .differences = "dead letters: expected none, found 1\n+ " + reason + "\n",
       .pipeline = json},
      {.test = "{ input: [x, <a/>], filtered: 0 }",
       .differences = "dead letters: expected none, found 1\n+ " + reason + "\n",
       .pipeline = json},
      {.test = "{ input: x, error: wrong }",
       .differences = "dead letters: the reasons differ\n- wrong\n+ " + reason + "\n",
       .pipeline = json},
      {.test = "{ input: <a/>, error: wrong }",
       .differences = "dead letters: expected 1, found none\n- wrong\n",
       .pipeline = json},
      {.test = "{ input: [x, x], error: \"" + reason + "\" }",
       .differences = "dead letters: expected 1, found 2\n  " + reason + "\n+ " + reason + "\n",
       .pipeline = json},
      {.test = "{ input: [x, x], dead: [\"" + reason + "\", { error: \"" + reason +
               "\", document: z }] }",
       .differences = "document of dead letter 2: differs\n- z\n+ x\n",
       .pipeline = json},
      {.test = "{ input: <a/>, dead: [''] }",
       .differences = "dead letters: expected 1, found none\n",
       .pipeline = json},
      {.test = "{ input: x, dead_letters: 0 }",
       .differences = "dead letters: expected none, found 1\n+ " + reason + "\n",
       .pipeline = json},
  });
}

TEST_CASE("Notes and filtered documents are compared where the test names them") {
  const Pipeline keyed{.processors = "[{ key: { path: k } }, { drop: x }, to_json]"};
  check_all({
      {.test = "{ input: <a><k>7</k></a>, notes: { key: 7 } }", .pipeline = keyed},
      {.test = "{ input: <a><k>7</k>t</a>, notes: { loss: mixed, key: '7' } }", .pipeline = keyed},
      {.test = "{ input: <a><k>7</k>t</a>, notes: { key: 7 } }",
       .differences = "notes: differs\n  {\n    \"key\": \"7\"\n+   \"loss\": \"mixed\"\n  }\n",
       .pipeline = keyed},
      {.test = "{ input: [<a><x/></a>, <a/>], filtered: 1, notes: [{}] }",
       .pipeline = {.processors = "[{ drop: x }]"}},
      {.test = "{ input: <a/>, filtered: 1 }",
       .differences = "filtered: expected 1, found 0\n",
       .pipeline = {.processors = "[{ drop: x }]"}},
  });
}

TEST_CASE("Files are compared like text, and a file that has gone is told") {
  const TempFolder folder;
  write_file(folder / "out.json", "{ \"a\" : null }\n");
  write_file(folder / "out.xml", "<a/>\r\n");
  write_file(folder / "latin.xml", "<a>\xe9</a>");
  const Pipeline json{.processors = "[to_json]"};
  check_all({
      {.test = "{ input: <a/>, output: { file: \"" + folder / "out.json" + "\" } }",
       .pipeline = json},
      {.test = "{ input: <a/>, output: { file: \"" + folder / "out.xml" + "\" } }"},
      {.test = "{ input: { file: \"" + folder / "latin.xml" + "\" }, output: { file: \"" +
               folder / "latin.xml" + "\" } }"},
  });
  const PipelineConfig config =
      load(json, "  - { input: <a/>, output: { file: \"" + folder / "out.json" + "\" } }\n");
  std::filesystem::remove(folder / "out.json");
  const auto differences = Judgement("").differences(config.tests[0], outcome_of(config));
  REQUIRE(differences.size() == 1);
  CHECK(differences[0].text ==
        "output: differs; " + folder / "out.json" + ": no such file or directory");
}

TEST_CASE("JSON of any depth and size is compared, and the diff of it is short") {
  std::string deep(3000, '[');
  deep += "1" + std::string(3000, ']');
  const Pipeline limits{.more = "limits: { depth: 4096 }\n"};
  CHECK(differences_of(limits, "  - { input: '" + deep + "', output: ' " + deep + "' }\n") == "");
  std::string other = deep;
  other[3000] = '2';
  CHECK(differences_of(limits, "  - { input: '" + deep + "', output: '" + other + "' }\n").size() <
        2000);
  std::string wide = "[0";
  for (int i = 1; i < 60'000; ++i) wide += "," + std::to_string(i);
  CHECK(differences_of({}, "  - { input: '" + wide + "]', output: '" + wide + ",1]' }\n") ==
        "output: differs\n.. 59,998 equal lines\n    59997\n    59998\n    59999\n-   1\n  ]\n");
}

}  // namespace
}  // namespace docmill::test

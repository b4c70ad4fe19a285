// What a pipeline's own source and processors make of the inputs of a test.
#include "cli/testing/test_run.h"

#include <fmt/format.h>

#include "shared/base/hash.h"
#include "tests/cli/testing_fixture.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string listed(const TestOutcome& outcome) {
  std::string text;
  for (const TestOutcome::Made& made : outcome.outputs) text += made.bytes + "|";
  for (const TestOutcome::Dead& dead : outcome.dead) {
    text += dead.reason + "@" + dead.document.bytes + "|";
  }
  return text + std::to_string(outcome.filtered);
}

struct Case {
  Pipeline pipeline = {};
  std::string input;
  std::string outcome;
};

TEST_CASE("An input is what a file of the source holds, whatever the source makes of it") {
  const std::vector<Case> cases = {
      {.input = "<a/>", .outcome = "<a/>|0"},
      {.input = "{ a: [1.10, '1', yes, true, ~, { b: x }] }",
       .outcome = R"({"a":[1.10,"1","yes",true,null,{"b":"x"}]}|0)"},
      {.input = "[<a/>, <b/>]", .outcome = "<a/>|<b/>|0"},
      {.input = "[[1, 2e400, 012, .5, 0x1F, -0]]",
       .outcome = R"([1,2e400,"012",".5","0x1F",-0]|0)"},
      {.input = "''", .outcome = "|0"},
      {.pipeline = {.source = "{ files: { path: '*.xml', split: /c/b } }"},
       .input = "<c xml:lang='en'><b>1</b><x/><b>2</b></c>",
       .outcome = "<b xml:lang=\"en\">1</b>|<b xml:lang=\"en\">2</b>|0"},
      {.pipeline = {.source = "{ files: { path: in, split: '/items/*' } }"},
       .input = "{ items: [[{ a: 1 }], [{ a: 2 }, 3]] }",
       .outcome = R"({"a":1}|{"a":2}|3|0)"},
      {.pipeline = {.source = "{ files: { path: '*.xml', split: /c/b } }"},
       .input = "[<c><b/>, <c><b>2</b></c>]",
       .outcome = "<b/>|<b>2</b>|producer: line 1, column 8 (byte 7): no element found@|0"},
      {.pipeline = {.source = "{ lines: in.txt }"},
       .input = "\"one\\r\\n\\ntwo\\n{}\"",
       .outcome = "one|two|{}|0"},
      {.pipeline = {.source = "{ files: { path: in, format: text } }", .processors = "[to_json]"},
       .input = "x",
       .outcome = "transformer.to_json: line 1, column 1: expected '<' of the root element, found "
                  "'x'@x|0"},
      {.pipeline = {.processors = "[{ drop: a }]"},
       .input = "[<r><a/></r>, <r><b/></r>]",
       .outcome = "<r><b/></r>|1"},
      {.pipeline = {.processors = "[{ select: a }]"},
       .input = "<r><a>1</a><a>2</a></r>",
       .outcome = "<a>1</a>|<a>2</a>|0"},
      {.pipeline = {.source = "{ lines: in }", .more = "limits: { document: 1KiB }\n"},
       .input = std::string(1025, 'x'),
       .outcome = fmt::format("producer: larger than limits.document: 1025 bytes, at most 1KiB; "
                              "raise the limit; this is its first 1024 bytes; all of it is bytes 0 "
                              "to 1025 of the source, xxh3 {:016x}@{}|0",
                              hash64(std::string(1025, 'x')), std::string(1024, 'x'))},
  };
  for (const Case& test : cases) {
    INFO(test.pipeline.source << " " << test.input);
    const PipelineConfig config =
        load(test.pipeline, "  - { input: " + test.input + ", outputs: 1 }\n");
    CHECK(listed(outcome_of(config)) == test.outcome);
  }
}

TEST_CASE(
    "An input in a file is read where it is, compressed or not, whatever its name has in it") {
  const TempFolder folder;
  const std::string name = "a {producer} [1].xml";
  write_file(folder / name, "<c><b/><b/></c>");
  const PipelineConfig config =
      load({.source = "{ files: { path: '{producer}/*', split: /c/b } }"},
           "  - { input: { file: \"" + folder / name + "\" }, outputs: 2 }\n");
  auto run = TestRun::open(config, "");
  REQUIRE(run.ok());
  CHECK((*run)->run(config.tests[0])->outputs.size() == 2);
  CHECK((*run)->run(config.tests[0])->outputs.size() == 2);
  // What gzip makes of <c><b/><b/><b/></c>.
  constexpr char kPacked[] =
      "\037\213\010\000\000\000\000\000\002\003\263\111\266\263\111\322\107\140\375\144\073\000\115"
      "\103\262\301\023\000\000\000";
  write_file(folder / name, {kPacked, sizeof(kPacked) - 1});
  CHECK((*run)->run(config.tests[0])->outputs.size() == 3);
  std::filesystem::remove(folder / name);
  const auto gone = (*run)->run(config.tests[0]);
  REQUIRE_FALSE(gone.ok());
  CHECK(gone.error().text == "producer.source.files.path: " + folder / name +
                                 " matches no file; give a path that exists, or put the first file "
                                 "there before the start");
}

TEST_CASE("Notes and what the source has to say are kept") {
  const PipelineConfig config =
      load({.source = "{ files: { path: in, split: /c/b, keep: { of: /c/@id } } }",
            .processors = "[{ key: { path: a } }, to_json]"},
           "  - { input: [<c id='7'><b><a>k</a><x/>t</b></c>, <c/>], outputs: 1 }\n");
  const TestOutcome outcome = outcome_of(config);
  REQUIRE(outcome.outputs.size() == 1);
  CHECK(outcome.outputs[0].notes == R"("of":"7","key":"k","loss":"mixed")");
  CHECK(outcome.log == std::vector<std::string>{"the input: holds no element at /c/b"});
}

TEST_CASE("A processor that cannot be made is told as a daemon would") {
  const PipelineConfig config = load({.processors = "[{ validate: { json_schema: none.json } }]"},
                                     "  - { input: <a/>, outputs: 1 }\n");
  const auto run = TestRun::open(config, "");
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().text == "none.json: cannot be read: no such file or directory");
}

}  // namespace
}  // namespace docmill::test

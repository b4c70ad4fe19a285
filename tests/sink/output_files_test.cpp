#include "sink/output_files.h"

#include "shared/config/pipeline.h"
#include "sink/file_pattern.h"
#include "sink/output_context.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

// The findings for these outputs, without the folder of the test.
std::string findings_of(const std::string& outputs, const std::string& dead = "dead.ndjson") {
  const ComponentSet set = component_set("output", output_components());
  Findings findings;
  const auto config = parse_pipeline(
      "pipeline: books\nproducer: { source: generate }\nsink:\n"
      "  dead_letters: \"" +
          dead + "\"\n  outputs:\n" + outputs,
      "books.yaml", {nullptr, nullptr, &set, false}, {.producers = 1, .sinks = 1}, findings);
  INFO(findings.text());
  REQUIRE(config);
  check_output_files(*config, Place(findings, "books.yaml"));
  return findings.text();
}

std::string refusal(const std::string& path, const std::string& name, const std::string& other) {
  return "books.yaml:7: " + path + ": expected names that no other output uses, got '" + name +
         "', which " + other + " may use as well; move one of them to another folder\n";
}

TEST_CASE("patterns meet where they have a path in common, or one is a folder of the other") {
  const std::string number = std::string("a-") + kDigit + kDigits + ".json";
  const std::string any = std::string("out/") + kAnyName + ".xml";
  struct Case {
    std::string one;
    std::string other;
    bool meet;
  };
  const std::vector<Case> cases = {
      {"a", "a", true},
      {"a", "ab", false},
      {"a", "a/b", true},
      {number, "a-12.json", true},
      {number, "a-123456789.json", true},
      {number, "a-1.json", false},
      {number, "a-1x.json", false},
      {number, number, true},
      {any, "out/a.xml", true},
      {any, "out/.xml", false},
      {any, "out/a/b.xml", false},
      {any, "out/a.xml/b", true},
      {any, "out/a.json", false},
      {std::string(1, kAnyName) + "b" + kAnyName, std::string("a") + kAnyName + "c", true},
      {std::string(1, kAnyName) + "b", std::string("a") + kDigits, false},
  };
  for (const Case& row : cases) {
    INFO(readable(row.one) << " and " << readable(row.other));
    CHECK(patterns_meet(row.one, row.other) == row.meet);
    CHECK(patterns_meet(row.other, row.one) == row.meet);
  }
}

TEST_CASE("outputs that can never use one name are accepted") {
  CHECK(findings_of("  - json: { path: out/a.json }\n"
                    "  - json: { path: out/a.json.gz, compress: gzip }\n") == "");
  CHECK(findings_of("  - ndjson: { path: out/a.ndjson.gz, compress: gzip }\n"
                    "  - ndjson: { path: out/a.ndjson.zst, compress: zstd }\n") == "");
  CHECK(findings_of("  - ndjson: { path: out/a.ndjson, rotate: {} }\n"
                    "  - ndjson: { path: out/a-7.ndjson }\n") == "");
  CHECK(findings_of("  - documents: { path: \"out/{key}.xml\" }\n"
                    "  - ndjson: { path: out/all.ndjson }\n") == "");
  CHECK(findings_of("  - documents: { path: \"out/{sequence}-{index}.json\" }\n"
                    "  - json: { path: out/all.json }\n") == "");
}

TEST_CASE("outputs that can use one name are found, with the name") {
  CHECK(findings_of("  - ndjson: { path: out/a.ndjson, rotate: {} }\n"
                    "  - ndjson: { path: out/a-000007.ndjson }\n") ==
        refusal("sink.outputs[1].ndjson", "out/a-000007.ndjson", "sink.outputs[0].ndjson"));
  CHECK(findings_of("  - json: { path: out/a.json, compress: gzip }\n"
                    "  - json: { path: out/a.json.gz }\n") ==
        refusal("sink.outputs[1].json", "out/a.json.gz", "sink.outputs[0].json"));
  CHECK(findings_of("  - json: { path: \"out/{sink}.json\" }\n"
                    "  - ndjson: { path: out/s1.json.open }\n") ==
        refusal("sink.outputs[1].ndjson", "out/s1.json.open", "sink.outputs[0].json"));
  CHECK(findings_of("  - json: { path: out/all.json }\n"
                    "  - documents: { path: \"out/{key}.json\" }\n") ==
        refusal("sink.outputs[1].documents", "out/*.json", "sink.outputs[0].json"));
  CHECK(findings_of("  - ndjson: { path: out/all.ndjson }\n"
                    "  - documents: { path: \"out/{key}/{index}.json\" }\n") ==
        refusal("sink.outputs[1].documents", "out/*/1.json", "sink.outputs[0].ndjson"));
  CHECK(findings_of("  - stdout: {}\n  - json: { path: out/a.json }\n", "out/a-000002.json") ==
        "books.yaml: sink.dead_letters: expected names that no other output uses, got "
        "'out/a-000002.json', which sink.outputs[1].json may use as well; move one of them to "
        "another folder\n");
}

TEST_CASE("outputs that would share a spool are found; those that keep none are accepted") {
  const auto http = [](const std::string& path, const std::string& on_full) {
    return "  - http: { url: \"http://127.0.0.1:9/" + path + "\", on_full: " + on_full + " }\n";
  };
  CHECK(findings_of(http("x", "spill") + http("x", "spill")) ==
        "books.yaml:7: sink.outputs[1].http: expected a receiver that no other output with "
        "'on_full: spill' has, got 'http://127.0.0.1:9/x', which sink.outputs[0].http has as well; "
        "take one of them out, or give it 'on_full: wait'\n");
  CHECK(findings_of(http("x", "spill") + http("y", "spill")) == "");
  CHECK(findings_of(http("x", "spill") + http("x", "wait")) == "");
  CHECK(findings_of(http("x", "wait") + http("x", "wait")) == "");
}

}  // namespace
}  // namespace docmill::test

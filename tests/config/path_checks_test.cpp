// No two parts of a pipeline file name the same file.
#include "shared/config/path_checks.h"

#include "tests/config/catalog.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string findings_with(const std::string& sink, const std::string& more = "",
                          const Counts& counts = {}) {
  return findings_of("pipeline: books\nproducer: { source: generate }\nsink:\n" + sink + more,
                     counts);
}

TEST_CASE("two outputs of one file, and dead letters that go to an output, are found") {
  CHECK(findings_with("  outputs: [ ndjson: { path: out/a }, ndjson: { path: out/b } ]\n"
                      "  dead_letters: out/c\n") == "");
  CHECK(findings_with("  outputs: [ ndjson: { path: out/a }, ndjson: { path: ./out/x/../a } ]\n") ==
        "books.yaml:4: sink.outputs[1].ndjson.path: already used at sink.outputs[0].ndjson.path; "
        "each needs a file of its own\n");
  CHECK(findings_with("  outputs: [ ndjson: { path: out/a } ]\n  dead_letters: out//a\n") ==
        "books.yaml:5: sink.dead_letters: already used at sink.outputs[0].ndjson.path; each needs "
        "a file of its own\n");
  // The default, and what it is called at some sink.
  CHECK(findings_with("  outputs: [ ndjson: { path: \"dead/{sink}.ndjson\" } ]\n") ==
        "books.yaml:3: sink.dead_letters: already used at sink.outputs[0].ndjson.path; each needs "
        "a file of its own\n");
  CHECK(
      findings_with("  outputs: [ ndjson: { path: out/s1 } ]\n  dead_letters: \"out/{sink}\"\n") ==
      "books.yaml:5: sink.dead_letters: already used at sink.outputs[0].ndjson.path; each needs "
      "a file of its own\n");
}

TEST_CASE("a source's file that is an output, too, is found where both are on one machine") {
  const auto findings = [](const std::string& host) {
    return findings_of(
        "pipeline: books\nproducer: { source: { files: /data/a } }\n"
        "sink: { outputs: [ ndjson: { path: /data/a } ] }\n"
        "security: { insecure: true }\nnetwork:\n  producers: { p1: \"tcp://10.0.0.1:5550\" }\n"
        "  sinks: { s1: \"tcp://" +
        host + ":5560\" }\n");
  };
  CHECK(findings("10.0.0.9") == "");
  CHECK(findings("10.0.0.1") ==
        "books.yaml:3: sink.outputs[0].ndjson.path: already used at producer.source.files.path; "
        "each needs a file of its own\n");
}

TEST_CASE("what a source reads is told with the names of its producers in it") {
  const Catalog catalog;
  Findings findings;
  const auto config = parse_pipeline(
      "pipeline: books\nproducer: { source: { files: { path: \"in/{producer}\" } } }\n"
      "sink: { outputs: [ ndjson: { path: \"out/{sink}\" } ] }\n",
      "books.yaml", catalog.sets(), {.producers = 2, .sinks = 1}, findings);
  REQUIRE(config);
  CHECK(source_paths(*config, catalog.sets()) ==
        std::vector<std::filesystem::path>{"in/p1", "in/p2"});
  const auto made = parse_pipeline(minimal(), "books.yaml", catalog.sets(), {}, findings);
  REQUIRE(made);
  CHECK(source_paths(*made, catalog.sets()).empty());
}

}  // namespace
}  // namespace docmill::test

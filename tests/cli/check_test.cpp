// `docmill check` and `docmill reference`.
#include "cli/catalogs.h"
#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::string text;
  int code = 0;
  std::string out = "";
  std::string err = "";
};

TEST_CASE("A file is ok, or every finding is told") {
  const std::vector<Case> cases = {
      {.text = "pipeline: a\nproducer: { source: { lines: { path: in.txt } } }\n"
               "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\n",
       .out = "a.yaml: ok\n"},
      {.text = "pipeline: a\nproducer: { source: { lnies: { path: in.txt } } }\n"
               "sink: { outputs: [ ndjson: { paht: out.ndjson } ] }\n",
       .code = 78,
       .err = "a.yaml:2: producer.source.lnies: unknown source; did you mean 'lines'?\n"
              "a.yaml:3: sink.outputs[0].ndjson.paht: unknown field; did you mean 'path'?\n"
              "a.yaml:3: sink.outputs[0].ndjson.path: missing, and required; for example 'path: "
              "out/{sink}/books.ndjson'\n"},
      {.text = "pipeline: a\nproducer: { source: { http: { bind: \"0.0.0.0:8080\" } } }\n"
               "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\n",
       .code = 78,
       .err =
           "a.yaml:2: producer.source.http.bind: is open to other machines; no key of the pipeline "
           "protects it: add 'token: ${file:PATH}' where the source has one, or 'security: "
           "{insecure: true}' where that network is trusted, or bind 127.0.0.1\n"},
      {.text = "pipeline: a\nproducer: { source: { http: { bind: \"0.0.0.0:8080\", token: "
               "0123456789abcdef } } }\nsink: { outputs: [ ndjson: { path: out.ndjson } ] }\n",
       .out = "a.yaml: ok\n"},
      {.text =
           "pipeline: a\nproducer: { source: { sqlite: { path: x.db, query: \"SELECT * FROM t "
           "WHERE id > :cursor ORDER BY id\", cursor: id } } }\nsink:\n  outputs:\n  - sqlite: { "
           "path: ./x.db, table: o, columns: { d: $document } }\n  dead_letters: x.db\n",
       .code = 78,
       .err =
           "a.yaml:5: sink.outputs[0].sqlite.path: already used at producer.source.sqlite.path; "
           "each needs a file of its own\n"
           "a.yaml:6: sink.dead_letters: already used at producer.source.sqlite.path; each needs "
           "a file of its own\n"},
      {.text = "pipeline: a\nproducer: { source: { follow: log } }\n"
               "sink: { outputs: [ ndjson: { path: log } ] }\n",
       .code = 78,
       .err = "a.yaml:3: sink.outputs[0].ndjson.path: already used at producer.source.follow.path; "
              "each needs a file of its own\n"},
  };
  for (const Case& test : cases) {
    const TempFolder folder;
    write_file(folder / "a.yaml", test.text);
    const Outcome outcome = docmill(folder.path(), {"check", "a.yaml"});
    CHECK(outcome.code == test.code);
    CHECK(outcome.out == test.out);
    CHECK(outcome.err == test.err);
  }
}

TEST_CASE("A file that is not there is a finding") {
  const TempFolder folder;
  const Outcome outcome = docmill(folder.path(), {"check", "missing.yaml"});
  CHECK(outcome.code == 78);
  CHECK(outcome.err.starts_with("missing.yaml: "));
}

TEST_CASE("docs/reference.md is what docmill reference prints") {
  const TempFolder folder;
  const Outcome outcome = docmill(folder.path(), {"reference"});
  CHECK(outcome.code == 0);
  // Not the two texts: they are hundreds of lines.
  const bool same = outcome.out == read_file(DOCMILL_SOURCE_DIR "/docs/reference.md");
  INFO("build/release/bin/docmill reference > docs/reference.md");
  CHECK(same);
}

TEST_CASE("The commented sample of a whole file loads") {
  const Catalogs catalogs;
  Findings findings;
  CHECK(parse_pipeline(pipeline_sample(catalogs.sets()), "sample.yaml", catalogs.sets(), {},
                       findings));
  CHECK(findings.text() == "");
}

}  // namespace
}  // namespace docmill::test

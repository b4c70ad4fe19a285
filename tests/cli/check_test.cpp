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
      {.text = "pipeline: a\nproducer: { source: { generate: { size: 2KiB } } }\n"
               "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\nlimits: { document: 1KiB }\n",
       .code = 78,
       .err =
           "a.yaml:2: producer.source.generate.size: must be at most 1KiB (limits.document), got "
           "'2KiB'; lower it, or raise limits.document\n"},
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

// A source with these fields, and limits.document.
std::string spooled(const std::string& source, const std::string& fields,
                    const std::string& document) {
  return "pipeline: a\nproducer:\n  source:\n    " + source + ": {" + fields + "}\n" +
         "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\nlimits: { document: " + document +
         " }\n";
}

TEST_CASE("A spool in which a document of the largest size never fits is found in every source") {
  const std::vector<std::pair<std::string, std::string>> sources = {
      {"follow", "path: a.log"},
      {"http", "bind: \"127.0.0.1:8080\", memory: 1GiB"},
      {"stdin", "format: json"},
      {"submit", "bind: \"ipc://a\""},
      {"zmq", "bind: \"ipc://a\""}};
  struct Room {
    std::string spool;
    std::string document;
    std::string least;  // empty: it is enough
  };
  const std::vector<Room> rooms = {{"81MiB", "64MiB", ""},
                                   {"80MiB", "64MiB", "81MiB"},
                                   {"1041MiB", "1GiB", ""},
                                   {"1040MiB", "1GiB", "1041MiB"},
                                   {"1MiB", "64KiB", ""}};
  for (const auto& [source, fields] : sources) {
    for (const Room& room : rooms) {
      const TempFolder folder;
      write_file(folder / "a.yaml",
                 spooled(source, fields + ", spool: " + room.spool, room.document));
      const Outcome outcome = docmill(folder.path(), {"check", "a.yaml"});
      INFO(source << ' ' << room.spool);
      CHECK(outcome.err == (room.least.empty() ? ""
                                               : "a.yaml:4: producer.source." + source +
                                                     ".spool: must be at least " + room.least +
                                                     ", so that a document of " + room.document +
                                                     " (limits.document) fits, got '" + room.spool +
                                                     "'; raise it, or lower limits.document\n"));
    }
  }
}

TEST_CASE("A default that is smaller than limits.document is found") {
  const TempFolder folder;
  write_file(folder / "a.yaml", spooled("http", "bind: \"127.0.0.1:8080\"", "1GiB"));
  const Outcome outcome = docmill(folder.path(), {"check", "a.yaml"});
  CHECK(outcome.err ==
        "a.yaml:4: producer.source.http.spool: must be at least 1041MiB, so that a document of "
        "1GiB (limits.document) fits, got '1GiB'; raise it, or lower limits.document\n"
        "a.yaml:4: producer.source.http.memory: must be at least 1GiB, so that a document of 1GiB "
        "(limits.document) fits, got '256MiB'; raise it, or lower limits.document\n");
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

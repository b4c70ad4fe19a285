// What `docmill run` does not do, and the daemon that cannot go on.
#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

const std::string kSink = "sink: { outputs: [ ndjson: { path: out.ndjson } ] }\n";

TEST_CASE("A file with findings does not run") {
  const TempFolder folder;
  write_file(folder / "a.yaml", "pipeline: a\nproducer: { source: { generate: {} } }\n" + kSink);
  const Outcome outcome = docmill(folder.path(), {"run", "a.yaml", "--sinks", "2"});
  CHECK(outcome.code == 78);
  CHECK(outcome.err.find("{sink}") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "state"));
}

TEST_CASE("A pipeline of several machines is not run on one") {
  const TempFolder folder;
  write_file(folder / "a.yaml", "pipeline: a\nproducer: { source: { generate: {} } }\n" + kSink +
                                    "security: { insecure: true }\nnetwork:\n"
                                    "  producers: { p1: \"tcp://127.0.0.1:5550\" }\n"
                                    "  sinks: { s1: \"tcp://10.0.0.9:5560\" }\n");
  const Outcome outcome = docmill(folder.path(), {"run", "a.yaml"});
  CHECK(outcome.code == 78);
  CHECK(outcome.err ==
        "a.yaml: network.sinks.s1: expected an address of this machine alone (ipc or loopback), "
        "found 'tcp://10.0.0.9:5560'; start the daemons on their hosts, this one with: "
        "docmill-sink a.yaml --name s1\n");
}

TEST_CASE("A daemon that cannot go on ends the run with its code and its words") {
  const TempFolder folder;
  write_file(folder / "a.yaml",
             "pipeline: a\nproducer: { source: { lines: { path: missing.txt } } }\n" + kSink);
  const Outcome outcome = docmill(folder.path(), {"run", "a.yaml"});
  INFO(outcome.err);
  CHECK(outcome.code == 78);
  CHECK(outcome.err.find("producer p1 could not go on (code 78), everything is stopped: ") !=
        std::string::npos);
  CHECK(outcome.err.find("missing.txt") != std::string::npos);
}

}  // namespace
}  // namespace docmill::test

// What `docmill run` does not do, and the daemon that cannot go on.
#include <chrono>

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
  CHECK(outcome.err.find("error p1 producer.source.lines.path: missing.txt matches no file") !=
        std::string::npos);
  CHECK(outcome.err.ends_with(
      "producer p1 could not go on and ended with code 78; everything is stopped\n"));
}

TEST_CASE("A sink that cannot write ends the run within seconds, however much is in flight") {
  const TempFolder folder;
  write_file(folder / "a.yaml",
             "pipeline: a\nproducer: { source: { generate: { count: 5000 } } }\n"
             "sink: { outputs: [ ndjson: { path: /proc/none/out.ndjson } ] }\n");
  const auto began = std::chrono::steady_clock::now();
  const Outcome outcome = docmill(folder.path(), {"run", "a.yaml"});
  INFO(outcome.err);
  CHECK(outcome.code == 78);
  CHECK(outcome.err.find("error s1 /proc/none: create folder: ") != std::string::npos);
  CHECK(outcome.err.ends_with(
      "sink s1 could not go on and ended with code 78; everything is stopped\n"));
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(25));
}

TEST_CASE("A run that cannot go on ends with the balance of what is settled") {
  const TempFolder folder;
  const std::string source = "pipeline: a\nproducer: { source: { generate: { count: 5000 } } }\n";
  write_file(folder / "a.yaml", source + kSink);
  const Outcome first = docmill(folder.path(), {"run", "a.yaml"});
  CHECK(first.code == 0);
  std::string more = source;
  more.replace(more.find("5000"), 4, "9000");
  write_file(folder / "a.yaml",
             more + "sink: { outputs: [ ndjson: { path: /proc/none/out.ndjson } ] }\n");
  const Outcome outcome = docmill(folder.path(), {"run", "a.yaml"});
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 78);
  CHECK(outcome.out.find("s1                 5,000           5,000") != std::string::npos);
  CHECK(outcome.out.ends_with("stopped; run again to go on\n"));
  CHECK(outcome.err.ends_with(
      "sink s1 could not go on and ended with code 78; everything is stopped\n"));
}

TEST_CASE("A damaged ledger is told, and starting over moves what can be moved") {
  const TempFolder folder;
  write_file(folder / "a.yaml", "pipeline: a\nproducer: { source: { generate: {} } }\n" + kSink);
  std::filesystem::create_directories(folder / "state/s1");
  write_file(folder / "state/s1/ledger.db", std::string(5000, 'x'));
  const std::string damaged = "state/s1/ledger.db: damaged: file is not a database; ";
  const Outcome refused = docmill(folder.path(), {"run", "a.yaml"});
  CHECK(refused.code == 74);
  CHECK(refused.err == damaged + "check the disk, then start over with --fresh\n");
  const Outcome fresh = docmill(folder.path(), {"run", "a.yaml", "--fresh"});
  CHECK(fresh.code == 0);
  CHECK(fresh.err.starts_with(damaged + "check the disk, then start over with --fresh; the files "
                                        "of s1 stay where they are, move them away by hand\n"
                                        "moved state to state.before-"));
}

}  // namespace
}  // namespace docmill::test

// `docmill run` with real daemons and real files.
#include <signal.h>

#include <algorithm>
#include <sstream>

#include "tests/cli/program.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

std::string pipeline(const std::string& source) {
  return "pipeline: test\nproducer:\n  source: " + source +
         "\n  batch: { documents: 50 }\n"
         "transformer: { processors: [ to_json ] }\n"
         "sink:\n  outputs: [ ndjson: { path: \"out/{sink}.ndjson\" } ]\n"
         "  dead_letters: \"out/{sink}.dead\"\n";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool all_different(const std::vector<std::string>& sorted) {
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

std::vector<std::string> moved_aside(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (holds(name, ".before-")) names.push_back(name.substr(0, name.find(".before-")));
  }
  std::sort(names.begin(), names.end());
  return names;
}

TEST_CASE("Documents have standard output to themselves, and what a run says is elsewhere") {
  const TempFolder folder;
  write_file(folder / "a.yaml",
             "pipeline: test\nproducer: { source: { generate: { count: 500 } } }\n"
             "transformer: { processors: [ to_json ] }\n"
             "sink: { outputs: [ stdout ], dead_letters: \"{sink}.dead\" }\n");
  const Outcome run = docmill(folder.path(), {"run", "a.yaml"});
  INFO(run.err);
  CHECK(run.code == 0);
  std::istringstream lines(run.out);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    CHECK(line.starts_with("{\"record\":{\"@id\":\"p1-"));
  }
  CHECK(count == 500);
  CHECK(holds(run.err, "p1                   500             500            0          0  "));
  const Outcome two = docmill(folder.path(), {"run", "a.yaml", "--sinks", "2", "--fresh"});
  CHECK(two.code == 78);
  CHECK(two.out.empty());
  CHECK(two.err ==
        "a.yaml:4: sink.outputs.stdout: expected one sink, found 2; start the daemons one by one, "
        "each with an output of its own\n");
}

TEST_CASE("A run balances, the next one finds nothing new, a fresh one starts over") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("{ generate: { count: 500 } }"));
  const Outcome first = docmill(folder.path(), {"run", "a.yaml"});
  INFO(first.err);
  CHECK(first.code == 0);
  CHECK(holds(first.out, "p1                   500             500            0          0  "));
  CHECK(holds(first.out, "out/s1.ndjson: "));
  CHECK(holds(first.err, "test: 1 producer, 2 transformers, 1 sink; logs in state/logs\n"));
  const auto lines = lines_of({folder / "out/s1.ndjson"});
  CHECK(lines.size() == 500);
  CHECK(all_different(lines));

  const Outcome second = docmill(folder.path(), {"run", "a.yaml"});
  CHECK(second.code == 0);
  CHECK(second.out ==
        "nothing new: all 500 documents were settled by an earlier run; to start over: docmill run "
        "a.yaml --fresh\n");
  CHECK(lines_of({folder / "out/s1.ndjson"}) == lines);

  const Outcome fresh = docmill(folder.path(), {"run", "a.yaml", "--fresh", "--json"});
  CHECK(fresh.code == 0);
  CHECK(holds(fresh.out, R"({"event":"balance","finished":true,"adds_up":true)"));
  CHECK(holds(fresh.err, "moved out/s1.ndjson to out/s1.ndjson.before-"));
  CHECK(moved_aside(folder.path()) == std::vector<std::string>{"s1.dead", "s1.ndjson", "state"});
  CHECK(lines_of({folder / "out/s1.ndjson"}) == lines);
}

TEST_CASE("What is piped into a run is all delivered, and the run ends with it") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("stdin"));
  std::string input;
  for (int i = 0; i < 5000; ++i) input += "{\"n\":" + std::to_string(i) + "}\n";
  const Outcome first = docmill(folder.path(), {"run", "a.yaml"}, input);
  INFO(first.err);
  CHECK(first.code == 0);
  CHECK(holds(first.out, "p1                 5,000           5,000            0          0  "));
  auto lines = lines_of({folder / "out/s1.ndjson"});
  CHECK(lines.size() == 5000);
  CHECK(all_different(lines));

  const Outcome second = docmill(folder.path(), {"run", "a.yaml"}, "{\"n\":\"last\"}");
  CHECK(second.code == 0);
  CHECK(holds(second.out, "p1                 5,001           5,001            0          0  "));

  const Outcome two = docmill(folder.path(), {"run", "a.yaml", "--producers", "2"}, "1\n");
  CHECK(two.code == 78);
  CHECK(two.err ==
        "a.yaml:3: producer.source.stdin: must have one producer alone, got 2; take the others "
        "out\n");
}

TEST_CASE(
    "Two producers, three transformers and two sinks balance, and one killed is started again") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("{ generate: { count: 2000, rate: 1000 } }"));
  Program run(folder.path(),
              {"run", "a.yaml", "--producers", "2", "--transformers", "3", "--sinks", "2"});
  const auto written = [&] { return !read_file(folder / "out/s1.ndjson").empty(); };
  REQUIRE(wait_until(written));
  for (const std::string name : {"t2", "s1", "p1"}) {
    pid_t victim = 0;
    REQUIRE(wait_until([&] { return (victim = run.daemon(name)) != 0; }));
    kill(victim, SIGKILL);
    const std::string said = name + " was killed by signal 9; started again\n";
    CHECK(wait_until([&] { return holds(run.err(), said); }));
  }
  const Outcome outcome = run.wait();
  INFO(outcome.out << outcome.err);
  CHECK(outcome.code == 0);
  CHECK(holds(outcome.out, "together           4,000           4,000            0          0  "));
  const auto lines = lines_of({folder / "out/s1.ndjson", folder / "out/s2.ndjson"});
  CHECK(lines.size() == 4000);
  CHECK(all_different(lines));
}

TEST_CASE("Ctrl-C ends a run in order, and the next one goes on to exactly all records") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("{ generate: { count: 3000, rate: 1000 } }"));
  Program first(folder.path(), {"run", "a.yaml"});
  REQUIRE(wait_until([&] { return !read_file(folder / "out/s1.ndjson").empty(); }));

  first.signal(SIGINT);
  const Outcome stopped = first.wait();
  INFO(stopped.out << stopped.err);
  CHECK(stopped.code == 0);
  CHECK(holds(stopped.out, "stopped; run again to go on\n"));
  const auto part = lines_of({folder / "out/s1.ndjson"});
  CHECK(part.size() < 3000);

  const Outcome rest = docmill(folder.path(), {"run", "a.yaml"});
  CHECK(rest.code == 0);
  CHECK(holds(rest.err, "going on where the last run stopped: "));
  const auto lines = lines_of({folder / "out/s1.ndjson"});
  CHECK(lines.size() == 3000);
  CHECK(all_different(lines));
}

TEST_CASE("A second Ctrl-C ends everything at once, and nothing is lost by it") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("{ generate: { count: 3000, rate: 1000 } }"));
  Program first(folder.path(), {"run", "a.yaml"});
  REQUIRE(wait_until([&] { return !read_file(folder / "out/s1.ndjson").empty(); }));
  kill(first.daemon("s1"), SIGSTOP);
  first.signal(SIGINT);
  REQUIRE(wait_until([&] { return holds(first.err(), "stopping; "); }));
  first.signal(SIGINT);
  const Outcome killed = first.wait();
  CHECK(killed.code == 0);
  CHECK(holds(killed.err, "every daemon is killed\n"));
  CHECK(docmill(folder.path(), {"run", "a.yaml"}).code == 0);
  const auto lines = lines_of({folder / "out/s1.ndjson"});
  CHECK(lines.size() == 3000);
  CHECK(all_different(lines));
}

TEST_CASE("A second run of a state in use is refused, and so is starting it over") {
  const TempFolder folder;
  write_file(folder / "a.yaml", pipeline("{ generate: { count: 0, rate: 100 } }"));
  Program first(folder.path(), {"run", "a.yaml"});
  REQUIRE(wait_until([&] { return !read_file(folder / "out/s1.ndjson").empty(); }));

  const TempFolder beside;
  write_file(beside / "b.yaml",
             pipeline("{ generate: { count: 1 } }") + "state: " + (folder / "state") + "\n");
  const std::string in_use = (folder / "state/p1: in use by process ") +
                             std::to_string(first.daemon("p1")) +
                             "; stop it first, or give this daemon another name\n";
  for (const std::string option : {"--json", "--fresh"}) {
    const Outcome refused = docmill(beside.path(), {"run", "b.yaml", option});
    CHECK(refused.code == 78);
    CHECK(refused.err == in_use);
  }
  first.signal(SIGTERM);
  CHECK(first.wait().code == 0);
}

}  // namespace
}  // namespace docmill::test

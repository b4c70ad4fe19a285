// A sink that starts with an older copy of its ledger, and stops before a producer refuses it: the
// ledger that is put back then finds all that it has committed.
#include "sink/former_files.h"
#include "sink/outputs/documents.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct OlderFixture : OutputFixture {
  void write(Output& output, const std::string& document) {
    add(output, document);
    commit(output);
  }
  void copy_state(const std::string& from, const std::string& to) {
    close();
    std::filesystem::remove_all(folder / to);
    std::filesystem::copy(folder / from, folder / to, std::filesystem::copy_options::recursive);
  }
  // The life of a sink that takes no batch: a start, commits of other outputs, and a stop.
  void start_and_stop(const OutputComponent& component, const std::string& settings) {
    std::vector<std::unique_ptr<Output>> outputs;
    outputs.push_back(open(component, settings));
    REQUIRE(finish_former_files(context(), outputs).ok());
    commit(*outputs.front());
    stop(outputs.front());
  }
};

struct Kind {
  OutputComponent component;
  std::string settings;
  std::string file;
  std::string two;  // the file with two documents
  std::string third;
};

TEST_CASE_METHOD(OlderFixture, "an older ledger destroys nothing that a newer one has committed") {
  const Kind kind = GENERATE(
      Kind{ndjson_output(), "path: '@/out/a'", "out/a", "1\n2\n", "3\n"},
      Kind{ndjson_output(), "{path: '@/out/a', rotate: {}}", "out/a-000001.open", "1\n2\n", "3\n"},
      Kind{json_output(), "path: '@/out/a'", "out/a.open", "[\n1,\n2", ",\n3"});
  const bool is_empty = GENERATE(false, true);  // when the state is copied
  CAPTURE(kind.settings, is_empty);
  auto output = open(kind.component, kind.settings);
  if (!is_empty) write(*output, "1");
  crash(output);
  copy_state("state", "older");
  output = open(kind.component, kind.settings);
  if (is_empty) write(*output, "1");
  write(*output, "2");
  crash(output);
  copy_state("state", "right");
  copy_state("older", "state");
  start_and_stop(kind.component, kind.settings);
  CHECK(read(kind.file) == kind.two);
  copy_state("right", "state");
  output = open(kind.component, kind.settings);
  write(*output, "3");
  CHECK(read(kind.file) == kind.two + kind.third);
}

TEST_CASE_METHOD(OlderFixture, "an older ledger removes no documents that a newer one committed") {
  const std::string settings = "path: '@/out/{index}.json'";
  auto output = open(documents_output(), settings);
  crash(output);
  copy_state("state", "older");
  output = open(documents_output(), settings);
  add(*output, "1");
  commit_without_settling(*output);  // the document has no name yet
  crash(output);
  copy_state("state", "right");
  copy_state("older", "state");
  start_and_stop(documents_output(), settings);
  copy_state("right", "state");
  output = open(documents_output(), settings);
  CHECK(read("out/0.json") == "1");
}

TEST_CASE_METHOD(OlderFixture, "what a crash left goes with the first group, whoever it is for") {
  auto output = open(ndjson_output(), "path: '@/out/a'");
  write(*output, "1");
  add(*output, "2");
  REQUIRE(output->sync().ok());
  crash(output);
  output = open(ndjson_output(), "path: '@/out/a'");
  commit(*output);
  REQUIRE(read("out/a") == "1\n2\n");
  // The document goes to another output now.
  output->on_current_ledger();
  commit(*output);
  CHECK(read("out/a") == "1\n");
}

TEST_CASE_METHOD(OlderFixture, "a stop that was killed is completed by the next one") {
  auto output = open(json_output(), "path: '@/out/a'");
  write(*output, "1");
  REQUIRE(output->due(Time{}, true));
  REQUIRE(output->sync().ok());  // the end is written, and not committed
  crash(output);
  REQUIRE(read("out/a.open") == "[\n1\n]\n");
  start_and_stop(json_output(), "path: '@/out/a'");
  CHECK(names("out") == Names{"a"});
  CHECK(read("out/a") == "[\n1\n]\n");
}

}  // namespace
}  // namespace docmill::test

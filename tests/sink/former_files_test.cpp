#include "sink/former_files.h"

#include "sink/outputs/documents.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

// Each test: an output, a crash, another path.
struct FormerFixture : OutputFixture {
  Result<void> finish() {
    outputs.push_back(open(ndjson_output(), "path: '@/new.ndjson'"));
    return finish_former_files(context(), outputs);
  }
  void write_without_commit(Output& output) {
    add(output, "\"again\"");
    REQUIRE(output.sync().ok());
  }
  void append_to(const std::string& name) {
    std::ofstream(folder / name, std::ios::app) << "mine\n";
  }

  std::vector<std::unique_ptr<Output>> outputs;
};

TEST_CASE_METHOD(FormerFixture, "documents get their names though their output is gone") {
  auto output = open(documents_output(), "path: '@/out/{index}.json'");
  const auto put = [&](std::uint32_t index) {
    output->add({"p1", 1, 5, index, 0}, {Format::kJson, "1", {}});
  };
  put(0);
  put(1);
  commit_without_settling(*output);
  put(2);
  crash(output);
  CHECK(names("out").size() == 3);
  REQUIRE(finish().ok());
  CHECK(names("out") == Names{".docmill-s1/0000000000000000.names", "0.json", "1.json"});
  // A user may clear up what is of no use.
  std::filesystem::remove_all(folder / "out/.docmill-s1");
  outputs.clear();
  CHECK(finish().ok());
  CHECK(names("out") == Names{"0.json", "1.json"});
}

TEST_CASE_METHOD(FormerFixture,
                 "a segment that grew is cut back and ended though its output is gone") {
  auto output = open(json_output(), "path: '@/out.json'");
  add(*output, "1");
  commit(*output);
  write_without_commit(*output);
  crash(output);
  REQUIRE(read("out.json.open") != "[\n1");
  REQUIRE(finish().ok());
  CHECK(read("out.json") == "[\n1\n]\n");
}

TEST_CASE_METHOD(FormerFixture,
                 "a plain file with an end that was not committed is not left behind in silence") {
  auto output = open(ndjson_output(), "path: '@/out.ndjson'");
  add(*output, "1");
  commit(*output);
  write_without_commit(*output);
  crash(output);
  const std::string path = (folder / "out.ndjson").string();
  CHECK(finish().error() ==
        config_error(path +
                     ": expected the 2 bytes that were committed, got 10, and no output of this "
                     "path; move the file away, or cut off what was not committed (truncate -s "
                     "2)"));
  CHECK(read("out.ndjson") == "1\n\"again\"\n");
  outputs.clear();
  std::filesystem::resize_file(folder / "out.ndjson", 2);
  CHECK(finish().ok());
  CHECK(read("out.ndjson") == "1\n");
}

TEST_CASE_METHOD(FormerFixture, "what was finished is its reader's, who may add to it") {
  for (const std::string rotate : {"", "\nrotate: { size: 1MiB }"}) {
    auto output = open(json_output(), "path: '@/books.json'" + rotate);
    add(*output, "1");
    stop(output);
  }
  append_to("books.json");
  append_to("books-000002.json");
  CHECK(finish().ok());
}

}  // namespace
}  // namespace docmill::test

// Outputs and dead letters whose files are moved, removed or cut while the sink runs.
#include "sink/dead_letters.h"
#include "sink/files.h"
#include "sink/former_files.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "sink/outputs/xml.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct DisplacedFixture : OutputFixture {
  // Like `mv out/* taken/`.
  void take_away() const {
    std::filesystem::rename(folder / "out", folder / "taken");
    std::filesystem::create_directory(folder / "out");
  }
  void put_back() const {
    std::filesystem::remove_all(folder / "out");
    std::filesystem::rename(folder / "taken", folder / "out");
  }
  static std::string error_of(const Result<void>& result) {
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == ErrorCode::kCorrupt);
    return result.error().text;
  }
};

struct Displaced {
  OutputComponent component;
  std::string settings;
  std::string file;  // that grows
};

TEST_CASE_METHOD(DisplacedFixture,
                 "documents for a file that was taken away are not committed, and are in it once "
                 "it is back") {
  const std::vector<Displaced> outputs = {
      {ndjson_output(), "path: '@/out/a.ndjson'", "a.ndjson"},
      {ndjson_output(), "{path: '@/out/a.ndjson', rotate: {}}", "a-000001.ndjson.open"},
      {json_output(), "path: '@/out/a.json'", "a.json.open"},
      {xml_output(), "path: '@/out/a.xml'", "a.xml.open"},
      {ndjson_output(), "{path: '@/out/a.ndjson', compress: zstd}", "a.ndjson.zst.open"},
  };
  for (const Displaced& row : outputs) {
    INFO(row.settings);
    DisplacedFixture test;
    auto output = test.open(row.component, row.settings);
    add(*output, "1");
    test.commit(*output);
    const std::string before = test.read("out/" + row.file);
    test.take_away();
    add(*output, "2");
    CHECK(error_of(output->sync()).find(row.file + ": expected the file that is appended to") !=
          std::string::npos);
    CHECK(test.read("taken/" + row.file) == before);
    test.crash(output);
    test.put_back();
    output = test.open(row.component, row.settings);
    add(*output, "2");
    test.commit(*output);
    CHECK(test.read("out/" + row.file).starts_with(before));
    CHECK(test.read("out/" + row.file).size() > before.size());
    test.crash(output);
  }
}

TEST_CASE_METHOD(DisplacedFixture,
                 "a plain file that is gone is replaced by another path, or rotation") {
  for (const std::string& settings : {std::string("path: '@/out/b.ndjson'"),
                                      std::string("{path: '@/out/a.ndjson', rotate: {}}")}) {
    INFO(settings);
    DisplacedFixture test;
    auto output = test.open(ndjson_output(), "path: '@/out/a.ndjson'");
    add(*output, "1");
    test.commit(*output);
    test.take_away();
    test.crash(output);
    CHECK(test.refusal(ndjson_output(), "path: '@/out/a.ndjson'") ==
          "@/out/a.ndjson: expected at least 2 bytes, found no file; it was changed behind "
          "docmill's back; put the whole file back, or start over with --fresh");
    std::vector<std::unique_ptr<Output>> outputs;
    outputs.push_back(test.open(ndjson_output(), settings));
    REQUIRE(finish_former_files(test.context(), outputs).ok());
    add(*outputs.front(), "2");
    test.commit(*outputs.front());
    CHECK(test.read("taken/a.ndjson") == "1\n");
    outputs.clear();
  }
}

TEST_CASE_METHOD(DisplacedFixture, "an output that ends says that its file was taken away") {
  auto output = open(json_output(), "path: '@/out/a.json'");
  add(*output, "1");
  commit(*output);
  take_away();
  REQUIRE(output->due(Time{}, true));
  CHECK(error_of(output->sync()).find("a.json.open: expected the file") != std::string::npos);
  CHECK(read("taken/a.json.open") == "[\n1");
}

TEST_CASE_METHOD(DisplacedFixture, "a sink that stops removes its empty file, and no other") {
  auto output = open(json_output(), "path: '@/out/a.json'");
  CHECK_FALSE(output->due(Time{}, true));
  CHECK(names("out").empty());
  crash(output);
  output = open(json_output(), "path: '@/out/a.json'");
  std::filesystem::remove(folder / "out/a.json.open");
  std::ofstream(folder / "out/a.json.open") << "mine";
  CHECK_FALSE(output->due(Time{}, true));
  CHECK(read("out/a.json.open") == "mine");
}

TEST_CASE_METHOD(DisplacedFixture,
                 "dead letters for a file that was taken away are not committed") {
  auto file = open_sink_file(folder / "out/dead.ndjson", context());
  REQUIRE(file.ok());
  DeadLetters dead(std::move(*file));
  dead.add({}, {EntryKind::kDocument, 0, {Format::kJson, "1", {}}, {}}, "stage: error");
  REQUIRE(dead.sync().ok());
  take_away();
  dead.add({}, {EntryKind::kDocument, 1, {Format::kJson, "2", {}}, {}}, "stage: error");
  CHECK(error_of(dead.sync()).find("dead.ndjson: expected the file") != std::string::npos);
}

}  // namespace
}  // namespace docmill::test

#include "sink/segments/segmented_file.h"

#include <zstd.h>

#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/gunzip.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

std::string unzstd(const std::string& packed) {
  std::string bytes(1 << 16, '\0');
  const std::size_t size =
      ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  REQUIRE(ZSTD_isError(size) == 0);
  bytes.resize(size);
  return bytes;
}

TEST_CASE_METHOD(OutputFixture,
                 "an array is open while it grows, whole when the sink has stopped") {
  auto output = open(json_output(), "path: '@/out/{sink}/b.json'");
  CHECK(names("out") == Names{"s1/b.json.open"});
  add(*output, "{\"a\":1}");
  add(*output, "{\n\"b\": 2}");
  commit(*output);
  CHECK(read("out/s1/b.json.open") == "[\n{\"a\":1},\n{\"b\":2}");
  add(*output, "<c/>", Format::kXml);
  commit(*output);
  stop(output);
  CHECK(names("out") == Names{"s1/b.json"});
  CHECK(read("out/s1/b.json") == "[\n{\"a\":1},\n{\"b\":2},\n\"<c/>\"\n]\n");

  output = open(json_output(), "path: '@/out/{sink}/b.json'");
  add(*output, "3");
  commit(*output);
  stop(output);
  CHECK(names("out") == Names{"s1/b-000002.json", "s1/b.json"});
  CHECK(read("out/s1/b-000002.json") == "[\n3\n]\n");
}

TEST_CASE_METHOD(OutputFixture, "a segment ends with the group that reaches its size, or its age") {
  const std::string settings = "{path: '@/out/b.json', rotate: {size: 1KiB, every: 1min}}";
  auto output = open(json_output(), settings);
  const std::string large = '"' + std::string(1024, 'x') + '"';
  add(*output, "1");
  commit(*output);
  add(*output, large);
  add(*output, "2");
  commit(*output);
  CHECK(names("out") == Names{"b-000001.json", "b-000002.json.open"});
  CHECK(read("out/b-000001.json") == "[\n1,\n" + large + ",\n2\n]\n");

  // It is empty for an hour, and has a minute from its first document on.
  const Time begin{};
  CHECK_FALSE(output->due(begin + std::chrono::hours(1), false));
  add(*output, "3");
  CHECK_FALSE(output->due(begin + std::chrono::hours(2), false));
  commit(*output);
  CHECK_FALSE(output->due(begin + std::chrono::hours(2) + std::chrono::seconds(59), false));
  CHECK(output->due(begin + std::chrono::hours(2) + std::chrono::seconds(60), false));
  commit(*output);
  CHECK_FALSE(output->due(begin + std::chrono::hours(9), false));
  CHECK(names("out") == Names{"b-000001.json", "b-000002.json", "b-000003.json.open"});
  CHECK(read("out/b-000002.json") == "[\n3\n]\n");
  stop(output);
  CHECK(names("out") == Names{"b-000001.json", "b-000002.json"});
  // What has ended may be taken away; the numbers go on.
  std::filesystem::remove(folder / "out/b-000001.json");
  std::filesystem::remove(folder / "out/b-000002.json");
  output = open(json_output(), settings);
  CHECK(names("out") == Names{"b-000003.json.open"});
}

TEST_CASE_METHOD(OutputFixture, "after a crash a segment goes on at the last commit") {
  const std::string settings = "path: '@/out/b.json'";
  auto output = open(json_output(), settings);
  add(*output, "1");
  commit(*output);
  add(*output, "2");
  REQUIRE(output->sync().ok());
  crash(output);
  output = open(json_output(), settings);
  CHECK(log.lines ==
        std::vector<std::string>{
            (folder / "out/b.json.open").string() +
            ": 3 bytes were not committed; they are cut off before the next document, and "
            "written again"});
  add(*output, "3");
  commit(*output);
  CHECK(read("out/b.json.open") == "[\n1,\n3");
}

TEST_CASE_METHOD(OutputFixture, "an end that a crash interrupted is taken back, or completed") {
  const std::string settings = "path: '@/out/b.json'";
  auto output = open(json_output(), settings);
  add(*output, "1");
  commit(*output);
  REQUIRE(output->due(Time{}, true));
  REQUIRE(output->sync().ok());
  CHECK(read("out/b.json.open") == "[\n1\n]\n");
  crash(output);  // before the commit
  output = open(json_output(), settings);
  add(*output, "2");
  commit(*output);
  CHECK(read("out/b.json.open") == "[\n1,\n2");
  REQUIRE(output->due(Time{}, true));
  commit_without_settling(*output);
  CHECK(names("out") == Names{"b.json.open"});
  crash(output);  // behind the commit
  output = open(json_output(), settings);
  CHECK(names("out") == Names{"b-000002.json.open", "b.json"});
  CHECK(read("out/b.json") == "[\n1,\n2\n]\n");
}

TEST_CASE_METHOD(OutputFixture, "each group is a unit of its own, so that a cut file can be read") {
  for (const std::string kind : {"gzip", "zstd"}) {
    const bool gzip = kind == "gzip";
    const std::string name = std::string("out/b.ndjson") + (gzip ? ".gz" : ".zst");
    const auto unpacked = [&](const std::string& path) {
      return gzip ? gunzip(folder / path) : unzstd(read(path));
    };
    const std::string settings = "{path: '@/out/b.ndjson', compress: " + kind + "}";
    auto output = open(ndjson_output(), settings);
    add(*output, "1");
    add(*output, "2");
    commit(*output);
    CHECK(unpacked(name + ".open") == "1\n2\n");
    add(*output, "3");
    REQUIRE(output->sync().ok());
    CHECK(unpacked(name + ".open") == "1\n2\n3\n");
    crash(output);
    output = open(ndjson_output(), settings);
    add(*output, "4");
    commit(*output);
    stop(output);
    CHECK(names("out") == Names{name.substr(4)});
    CHECK(unpacked(name) == "1\n2\n4\n");
    std::filesystem::remove_all(folder / "out");
    std::filesystem::remove_all(folder / "state");
    reopen();
  }
}

TEST_CASE_METHOD(OutputFixture,
                 "other settings begin another segment, and the one before is ended") {
  auto output = open(ndjson_output(), "path: '@/out/b.ndjson'");
  add(*output, "1");
  commit(*output);
  add(*output, "2");
  REQUIRE(output->sync().ok());
  crash(output);
  output = open(ndjson_output(), "{path: '@/out/b.ndjson', rotate: {}}");
  CHECK(read("out/b.ndjson") == "1\n");
  add(*output, "3");
  commit(*output);
  crash(output);
  CHECK(names("out") == Names{"b-000002.ndjson.open", "b.ndjson"});

  output = open(ndjson_output(), "{path: '@/out/b.ndjson', rotate: {}, compress: gzip}");
  CHECK(names("out") == Names{"b-000002.ndjson", "b-000003.ndjson.gz.open", "b.ndjson"});
  CHECK(read("out/b-000002.ndjson") == "3\n");
  crash(output);

  output = open(json_output(), "{path: '@/out/c.json', compress: gzip}");
  add(*output, "1");
  commit(*output);
  crash(output);
  output = open(json_output(), "path: '@/out/c.json'");
  CHECK(gunzip(folder / "out/c.json.gz") == "[\n1\n]\n");
  add(*output, "2");
  commit(*output);
  CHECK(read("out/c-000002.json.open") == "[\n2");
}

TEST_CASE_METHOD(OutputFixture,
                 "files that contradict the ledger are refused and left as they are") {
  const std::string settings = "path: '@/out/b.json'";
  std::filesystem::create_directories(folder / "out");
  const auto put = [&](const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  };
  put("out/b.json.open", "mine");
  CHECK(refusal(json_output(), settings) ==
        "@/out/b.json.open: a file that this sink's ledger does not know; put back the state "
        "folder that it belongs to, or move it away");
  CHECK(read("out/b.json.open") == "mine");
  std::filesystem::remove(folder / "out/b.json.open");
  put("out/b.json", "mine");
  CHECK(refusal(json_output(), settings) ==
        "@/out/b.json: a file that this sink's ledger does not know; put back the state folder "
        "that it belongs to, or move it away");
  CHECK(read("out/b.json") == "mine");
  std::filesystem::remove(folder / "out/b.json");

  auto output = open(json_output(), settings);
  add(*output, "12");
  commit(*output);
  add(*output, "3");
  commit(*output);
  crash(output);
  put("out/b.json.open", "[");
  CHECK(refusal(json_output(), settings) ==
        "@/out/b.json.open: expected at least 7 bytes, found 1; it was changed behind "
        "docmill's back; put the whole file back, or start over with --fresh");
  std::filesystem::remove(folder / "out/b.json.open");
  CHECK(refusal(json_output(), settings) ==
        "@/out/b.json.open: expected at least 7 bytes, found no file; it was changed behind "
        "docmill's back; put the whole file back, or start over with --fresh");
}

TEST_CASE_METHOD(OutputFixture, "a folder that vanishes is said when a segment ends, or begins") {
  auto output = open(json_output(), "{path: '@/out/b.json', rotate: {size: 1KiB}}");
  add(*output, '"' + std::string(1024, 'x') + '"');
  commit_without_settling(*output);
  std::filesystem::remove_all(folder / "out");
  const auto settled = output->settle();
  REQUIRE_FALSE(settled.ok());
  CHECK(settled.error() ==
        corrupt((folder / "out/b-000001.json.open").string() +
                ": expected the file that has ended, to name it " +
                (folder / "out/b-000001.json").string() +
                ", got no file; leave files alone until they have their final names"));
  crash(output);
  // The next one is empty in the ledger, and the one that ended is no longer ours.
  output = open(json_output(), "{path: '@/out/b.json', rotate: {size: 1KiB}}");
  CHECK(names("out") == Names{"b-000002.json.open"});
  crash(output);
  std::filesystem::remove_all(folder / "out");
  std::ofstream(folder / "out") << "a file";
  CHECK(refusal(json_output(), "{path: '@/out/b.json', rotate: {size: 1KiB}}") ==
        "@/out: create folder: not a directory; let this user write there, or name another folder");
}

}  // namespace
}  // namespace docmill::test

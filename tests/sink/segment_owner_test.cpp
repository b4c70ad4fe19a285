// Segments belong to the output that began them, and end as they were begun.
#include "sink/former_files.h"
#include "sink/outputs/documents.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "sink/outputs/xml.h"
#include "tests/sink/gunzip.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct SegmentOwnerFixture : OutputFixture {
  void write(Output& output, const std::string& document) {
    add(output, document);
    commit(output);
  }
  void put_file(const std::string& name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  void finish_without(std::unique_ptr<Output>& output) {
    crash(output);
    const std::vector<std::unique_ptr<Output>> none;
    REQUIRE(finish_former_files(context(), none).ok());
  }
  // As a docmill left it that did not keep segments in the ledger.
  void make_old() {
    const auto segments = ledger->segments();
    REQUIRE(segments.ok());
    for (const SegmentMark& segment : *segments) {
      REQUIRE(ledger->forget_segment(segment.path).ok());
    }
  }
};

TEST_CASE_METHOD(SegmentOwnerFixture, "outputs whose names differ in the compression never meet") {
  const std::string plain = "path: '@/out/a.json'";
  const std::string gzip = "{path: '@/out/a.json.gz', compress: gzip}";
  for (const bool starts_over : {false, true}) {
    const std::string more = starts_over ? ",\n2" : "";
    auto first = open(json_output(), plain);
    auto second = open(json_output(), gzip);
    CHECK(names("out") == Names{"a.json.gz.open", "a.json.open"});
    write(*first, starts_over ? "2" : "1");
    write(*second, starts_over ? "2" : "1");
    CHECK(read("out/a.json.open") == "[\n1" + more);
    CHECK(gunzip(folder / "out/a.json.gz.open") == "[\n1" + more);
    for (Output* output : {first.get(), second.get()}) {
      if (starts_over && output->due(Time{}, true)) commit(*output);
    }
    second.reset();
    crash(first);
  }
  CHECK(names("out") == Names{"a.json", "a.json.gz"});
  CHECK(read("out/a.json") == "[\n1,\n2\n]\n");
  CHECK(gunzip(folder / "out/a.json.gz") == "[\n1,\n2\n]\n");
}

TEST_CASE_METHOD(SegmentOwnerFixture, "a file ends as it was begun when its output changes") {
  auto output = open(xml_output(), "{path: '@/out/a', root: records}");
  write(*output, "<a/>");
  crash(output);
  output = open(xml_output(), "{path: '@/out/a', root: books}");
  write(*output, "<b/>");
  crash(output);
  output = open(json_output(), "path: '@/out/a'");
  write(*output, "1");
  crash(output);
  output = open(ndjson_output(), "{path: '@/out/a', rotate: {}}");
  write(*output, "2");
  crash(output);
  output = open(json_output(), "{path: '@/out/a', rotate: {}}");
  write(*output, "3");
  CHECK(names("out") == Names{"a", "a-000002", "a-000003", "a-000004", "a-000005.open"});
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  CHECK(read("out/a") == head + "<records>\n<document>&lt;a/&gt;</document>\n</records>\n");
  CHECK(read("out/a-000002").ends_with("\n</books>\n"));
  CHECK(read("out/a-000003") == "[\n1\n]\n");
  CHECK(read("out/a-000004") == "2\n");
  CHECK(read("out/a-000005.open") == "[\n3");
  CHECK(ledger->segments()->size() == 1);
}

TEST_CASE_METHOD(SegmentOwnerFixture, "a file ends as it was begun when its output is gone") {
  auto output = open(json_output(), "{path: '@/out/a.json', compress: gzip}");
  write(*output, "1");
  add(*output, "2");
  REQUIRE(output->sync().ok());
  finish_without(output);
  CHECK(names("out") == Names{"a.json.gz"});
  CHECK(gunzip(folder / "out/a.json.gz") == "[\n1\n]\n");
  CHECK(ledger->segments()->empty());
  // One that has ended, and does not have its name yet.
  output = open(json_output(), "path: '@/out/b.json'");
  add(*output, "1");
  REQUIRE(output->due(Time{}, true));
  commit_without_settling(*output);
  finish_without(output);
  CHECK(names("out") == Names{"a.json.gz", "b.json"});
  CHECK(read("out/b.json") == "[\n1\n]\n");
  // One without a document leaves nothing.
  output = open(json_output(), "path: '@/out/c.json'");
  finish_without(output);
  CHECK(names("out") == Names{"a.json.gz", "b.json"});
  // A reader took the file: it is reported, and the sink starts.
  output = open(json_output(), "path: '@/out/d.json'");
  write(*output, "1");
  std::filesystem::remove(folder / "out/d.json.open");
  finish_without(output);
  CHECK(log.lines.back() == (folder / "out/d.json.open").string() +
                                ": expected the 3 bytes that were committed, found no file");
  CHECK(ledger->segments()->empty());
}

TEST_CASE_METHOD(SegmentOwnerFixture, "a name that another file has is not used and not written") {
  const std::string settings = "{path: '@/out/a.json', rotate: {size: 1KiB}}";
  const std::string large = '"' + std::string(1024, 'x') + '"';
  auto output = open(json_output(), settings);
  put_file("out/a-000001.json", "mine");
  put_file("out/a-000003.json", "mine");
  put_file("out/a-000004.json.open", "mine");
  write(*output, large);
  CHECK(names("out") == Names{"a-000001.json", "a-000002.json", "a-000003.json",
                              "a-000004.json.open", "a-000005.json.open"});
  write(*output, "1");
  crash(output);
  output = open(json_output(), settings);
  put_file("out/a-000005.json", "mine");
  REQUIRE(output->due(Time{}, true));
  commit_without_settling(*output);
  crash(output);  // the next life gives it its name
  output = open(json_output(), settings);
  CHECK(names("out") == Names{"a-000001.json", "a-000002.json", "a-000003.json",
                              "a-000004.json.open", "a-000005.json", "a-000006.json",
                              "a-000007.json.open"});
  for (const std::string name :
       {"a-000001.json", "a-000003.json", "a-000004.json.open", "a-000005.json"}) {
    CHECK(read("out/" + name) == "mine");
  }
  CHECK(read("out/a-000002.json") == "[\n" + large + "\n]\n");
  CHECK(read("out/a-000006.json") == "[\n1\n]\n");
}

TEST_CASE_METHOD(SegmentOwnerFixture, "a name that was taken while the sink was stopped is left") {
  const std::string settings = "path: '@/out/a.json'";
  auto output = open(json_output(), settings);
  stop(output);
  put_file("out/a.json", "mine");
  output = open(json_output(), settings);
  CHECK(names("out") == Names{"a-000002.json.open", "a.json"});
  CHECK(read("out/a.json") == "mine");
}

TEST_CASE_METHOD(SegmentOwnerFixture,
                 "segments of an older ledger are continued, named and ended") {
  auto output = open(json_output(), "path: '@/out/a.json'");
  write(*output, "1");
  crash(output);
  make_old();
  output = open(json_output(), "path: '@/out/a.json'");
  write(*output, "2");
  CHECK(read("out/a.json.open") == "[\n1,\n2");
  REQUIRE(output->due(Time{}, true));
  commit_without_settling(*output);
  crash(output);
  make_old();
  output = open(json_output(), "path: '@/out/a.json'");
  CHECK(names("out") == Names{"a-000002.json.open", "a.json"});
  crash(output);
  make_old();
  output = open(json_output(), "path: '@/out/a.json'");
  CHECK(names("out") == Names{"a-000002.json.open", "a.json"});
  CHECK(read("out/a.json") == "[\n1,\n2\n]\n");
}

}  // namespace
}  // namespace docmill::test

// Files of other programs and other pipelines at paths that the ledger of this sink knows.
#include "sink/former_files.h"
#include "sink/outputs/documents.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct ForeignFixture : OutputFixture {
  static constexpr const char* kRotate = "{path: '@/out/a.ndjson', rotate: {size: 1KiB}}";

  void put_file(const std::string& name, const std::string& bytes) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << bytes;
  }
  void write(Output& output, const std::string& document) {
    add(output, document);
    commit(output);
  }
  std::unique_ptr<Output> open_ndjson(const std::string& settings) {
    return open(ndjson_output(), settings);
  }
  // As at a start whose only output is another one.
  Result<void> finish() { return finish_former_files(context(), {}); }
  // Ends the first file and leaves.
  void rotate_once() {
    auto output = open_ndjson(kRotate);
    write(*output, large);
    stop(output);
  }
  // What a backup that is put back has: the same bytes in another file.
  void replace_by_copy(const std::string& name) {
    const std::string path = folder / name;
    std::filesystem::copy_file(path, path + ".copy");
    std::filesystem::rename(path + ".copy", path);
  }

  const std::string large = '"' + std::string(1024, 'x') + '"';
};

TEST_CASE_METHOD(ForeignFixture, "somebody may take the next numbers of a rotating output") {
  auto output = open_ndjson(kRotate);
  write(*output, large);  // the next one is 2, and open
  put_file("out/a-000002.ndjson", "mine");
  put_file("out/a-000003.ndjson", "mine");
  for (int i = 0; i < 3; ++i) write(*output, large);
  CHECK(read("out/a-000002.ndjson") == "mine");
  CHECK(read("out/a-000003.ndjson") == "mine");
  for (const std::string name : {"4", "5", "6"}) {
    CHECK(read("out/a-00000" + name + ".ndjson") == large + "\n");
  }
  stop(output);
  // Also at the next start, with the output and without it.
  put_file("out/a-000007.ndjson", "mine");
  CHECK(finish().ok());
  output = open_ndjson(kRotate);
  write(*output, large);
  CHECK(read("out/a-000007.ndjson") == "mine");
  CHECK(read("out/a-000008.ndjson") == large + "\n");
}

TEST_CASE_METHOD(ForeignFixture, "a name that was only announced owns no file, whatever is in it") {
  rotate_once();
  put_file("out/a-000002.ndjson", std::string(5000, 'm'));
  CHECK(finish().ok());
  CHECK(read("out/a-000002.ndjson").size() == 5000);
  // Not for an output that has this very path either.
  CHECK(refusal(ndjson_output(), "path: '@/out/a-000002.ndjson'") ==
        "@/out/a-000002.ndjson: expected no file, or one that this output grows, got one of 5000 "
        "bytes that an output with other settings ended; move it away, or give this output another "
        "path");
  CHECK(read("out/a-000002.ndjson").size() == 5000);
}

TEST_CASE_METHOD(ForeignFixture, "the growing file of another pipeline is not cut or renamed") {
  rotate_once();
  std::filesystem::rename(folder / "out/a-000001.ndjson", folder / "archived");
  const std::string theirs(5000, 't');
  for (const std::string number : {"1", "2"}) {
    put_file("out/a-00000" + number + ".ndjson.open", theirs);
  }
  REQUIRE(finish().ok());
  auto output = open_ndjson(kRotate);
  write(*output, "1");
  CHECK(names("out") ==
        Names{"a-000001.ndjson.open", "a-000002.ndjson.open", "a-000003.ndjson.open"});
  CHECK(read("out/a-000001.ndjson.open") == theirs);
  CHECK(read("out/a-000002.ndjson.open") == theirs);
}

TEST_CASE_METHOD(ForeignFixture,
                 "a file in the place of one that grew is neither cut nor removed") {
  const bool has_documents = GENERATE(false, true);
  CAPTURE(has_documents);
  auto output = open_ndjson(kRotate);
  if (has_documents) write(*output, "1");
  crash(output);
  std::filesystem::rename(folder / "out/a-000001.ndjson.open", folder / "archived");
  const std::string theirs(5000, 't');
  put_file("out/a-000001.ndjson.open", theirs);
  SECTION("with the output") {
    if (has_documents) {
      CHECK(refusal(ndjson_output(), kRotate) ==
            "@/out/a-000001.ndjson.open: expected the file that this sink wrote, with 2 bytes "
            "committed, found another one of 5000 bytes; put the file back, or move this one away "
            "and start over with --fresh");
    } else {
      output = open_ndjson(kRotate);
      write(*output, "1");
      CHECK(read("out/a-000002.ndjson.open") == "1\n");
    }
  }
  SECTION("without it") { CHECK(finish().ok()); }
  CHECK(read("out/a-000001.ndjson.open") == theirs);
  CHECK(names("out").front() == "a-000001.ndjson.open");
}

TEST_CASE_METHOD(ForeignFixture, "a plain file of somebody else is not cut to what was committed") {
  auto output = open_ndjson("path: '@/out/a.ndjson'");
  write(*output, "1");
  crash(output);
  std::filesystem::rename(folder / "out/a.ndjson", folder / "archived");
  put_file("out/a.ndjson", "theirs");
  CHECK(finish().ok());
  CHECK(refusal(ndjson_output(), "path: '@/out/a.ndjson'").find("found another one of 6 bytes") !=
        std::string::npos);
  CHECK(read("out/a.ndjson") == "theirs");
}

TEST_CASE_METHOD(ForeignFixture, "a copy that was put back is cut like the file itself") {
  const std::string settings = GENERATE(as<std::string>{}, "path: '@/out/a.ndjson'", kRotate);
  const std::string name = settings == kRotate ? "out/a-000001.ndjson.open" : "out/a.ndjson";
  auto output = open_ndjson(settings);
  write(*output, "1");
  write(*output, "2");
  add(*output, "3");
  REQUIRE(output->sync().ok());
  crash(output);
  replace_by_copy(name);
  REQUIRE(read(name) == "1\n2\n3\n");
  output = open_ndjson(settings);
  write(*output, "4");
  CHECK(read(name) == "1\n2\n4\n");
}

TEST_CASE_METHOD(ForeignFixture, "what a plain file has uncommitted goes after every change") {
  const std::string plain = "path: '@/out/a.ndjson'";
  auto output = open_ndjson(plain);
  write(*output, "0");
  crash(output);
  output = open_ndjson(kRotate);
  write(*output, "1");
  stop(output);
  output = open_ndjson(plain);
  add(*output, "2");
  REQUIRE(output->sync().ok());
  crash(output);
  REQUIRE(read("out/a.ndjson") == "0\n2\n");
  output = open_ndjson(kRotate);
  write(*output, "2");
  CHECK(read("out/a.ndjson") == "0\n");
  CHECK(read("out/a-000002.ndjson") == "1\n");
  CHECK(read("out/a-000003.ndjson.open") == "2\n");
}

TEST_CASE_METHOD(ForeignFixture, "the temporary folder of another pipeline is not cleared") {
  auto output = open(documents_output(), "path: '@/out/{index}.json'");
  write(*output, "1");
  crash(output);
  std::filesystem::rename(folder / "out", folder / "archived");
  put_file("out/.docmill-s1/0000000000000000-0", "theirs");
  put_file("out/.docmill-s1/0000000000000000.names", "0.json\tother\n");
  CHECK(finish().ok());
  CHECK(names("out").size() == 2);
}

}  // namespace
}  // namespace docmill::test

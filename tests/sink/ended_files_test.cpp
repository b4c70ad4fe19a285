// Files that this sink wrote and does not write to any more: they belong to their readers.
#include "sink/files.h"
#include "sink/former_files.h"
#include "sink/outputs/json.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/gunzip.h"
#include "tests/sink/output_fixture.h"

namespace docmill::test {
namespace {

struct EndedFixture : OutputFixture {
  static constexpr const char* kPlain = "path: '@/out/a.json'";
  static constexpr const char* kOther = "path: '@/out/b.json'";
  static constexpr const char* kRotate = "{path: '@/out/a.json', rotate: {}}";

  void write(Output& output, const std::string& document) {
    add(output, document);
    commit(output);
  }
  // A life of a sink with this one output, as the daemon begins and ends it.
  void run(const OutputComponent& component, const std::string& settings,
           const std::string& document) {
    std::vector<std::unique_ptr<Output>> outputs;
    outputs.push_back(open(component, settings));
    const auto finished = finish_former_files(context(), outputs);
    INFO((finished ? std::string() : finished.error().text));
    REQUIRE(finished.ok());
    if (!document.empty()) write(*outputs.front(), document);
    stop(outputs.front());
  }
  void append_to(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::app) << text;
  }
  void empty(const std::string& name) { std::ofstream(folder / name, std::ios::trunc).flush(); }
};

TEST_CASE_METHOD(EndedFixture, "a plain output never appends to a file that has ended") {
  const bool has_grown = GENERATE(false, true);  // the sink was killed
  const bool is_changed = GENERATE(false, true);
  CAPTURE(has_grown, is_changed);
  auto output = open(json_output(), kPlain);
  write(*output, "1");
  has_grown ? crash(output) : stop(output);
  if (is_changed && !has_grown) append_to("out/a.json", "mine\n");
  const std::string bytes = is_changed && !has_grown ? "[\n1\n]\nmine\n" : "[\n1\n]\n";
  CHECK(refusal(ndjson_output(), kPlain) ==
        "@/out/a.json: expected no file, or one that this output grows, got one of " +
            std::to_string(bytes.size()) +
            " bytes that an output with other settings ended; move it away, or give this output "
            "another path");
  CHECK(names("out") == Names{"a.json"});
  CHECK(read("out/a.json") == bytes);
  // The same for dead letters.
  CHECK(open_sink_file(folder / "out/a.json", context()).error().code == ErrorCode::kConfig);
  // What the message says helps.
  std::filesystem::rename(folder / "out/a.json", folder / "archived");
  run(ndjson_output(), kPlain, "2");
  run(ndjson_output(), kPlain, "3");
  CHECK(read("out/a.json") == "2\n3\n");
  CHECK(ledger->segments()->empty());
}

TEST_CASE_METHOD(EndedFixture, "a compressed file ends before a plain output refuses its name") {
  const std::string gzip = "{path: '@/out/a.ndjson.gz', compress: gzip}";
  auto output = open(ndjson_output(), gzip);
  write(*output, "1");
  crash(output);
  CHECK(refusal(ndjson_output(), "path: '@/out/a.ndjson.gz'").find("other settings ended") !=
        std::string::npos);
  CHECK(names("out") == Names{"a.ndjson.gz"});
  CHECK(gunzip(folder / "out/a.ndjson.gz") == "1\n");
  // The former settings write the next one.
  run(ndjson_output(), gzip, "2");
  CHECK(names("out") == Names{"a-000002.ndjson.gz", "a.ndjson.gz"});
}

TEST_CASE_METHOD(EndedFixture, "a plain file is its readers' once its output is gone or rotates") {
  const std::string next = GENERATE(as<std::string>{}, kOther, kRotate);
  const bool adds = GENERATE(false, true);
  CAPTURE(next, adds);
  run(ndjson_output(), kPlain, "1");
  run(ndjson_output(), next, "2");
  adds ? append_to("out/a.json", "mine\n") : empty("out/a.json");
  const std::string bytes = adds ? "1\nmine\n" : "";
  for (int start = 0; start < 2; ++start) run(ndjson_output(), next, "");
  CHECK(read("out/a.json") == bytes);
  if (!adds) append_to("out/a.json", "more than there was\n");
  run(ndjson_output(), next, "");
  CHECK(read("out/a.json") == (adds ? bytes : "more than there was\n"));
  // The output that wrote it does not take it back.
  CHECK(refusal(ndjson_output(), kPlain).find("was changed after its output was taken away") !=
        std::string::npos);
  std::filesystem::remove(folder / "out/a.json");
  run(ndjson_output(), kPlain, "3");
  CHECK(read("out/a.json") == "3\n");
}

TEST_CASE_METHOD(EndedFixture, "a plain file that nobody touched goes on when its output is back") {
  const std::string next = GENERATE(as<std::string>{}, kOther, kRotate);
  run(ndjson_output(), kPlain, "1");
  run(ndjson_output(), next, "2");
  run(ndjson_output(), kPlain, "3");
  CHECK(read("out/a.json") == "1\n3\n");
  run(ndjson_output(), next, "4");
  CHECK(read("out/a.json") == "1\n3\n");
}

TEST_CASE_METHOD(EndedFixture, "a folder that cannot be read is not taken for an empty one") {
  run(ndjson_output(), kPlain, "1");
  // A file in the place of the folder: nothing is there.
  std::filesystem::rename(folder / "out", folder / "moved");
  std::ofstream(folder / "out") << "a file";
  run(ndjson_output(), "path: '@/b.json'", "2");
  std::filesystem::remove(folder / "out");
  // A link that leads to itself: nobody knows.
  std::filesystem::create_symlink(folder / "out", folder / "out");
  const auto finished = finish_former_files(context(), {});
  REQUIRE_FALSE(finished.ok());
  CHECK(finished.error().text.find("out/a.json: look: ") != std::string::npos);
}

}  // namespace
}  // namespace docmill::test

#include "shared/config/yaml.h"
#include "sink/outputs/ndjson.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {
namespace {

struct NdjsonFixture : SinkFixture {
  std::unique_ptr<Output> open() {
    const OutputComponent component = ndjson_output();
    Findings findings;
    const Place place(findings, "test.yaml");
    const auto node = parse_yaml("path: " + (folder / "out/{sink}/books.ndjson").string(), place);
    auto output = component.open(component.schema.parse(*node, place), context());
    INFO((output ? findings.text() : output.error().text));
    REQUIRE(output.ok());
    return std::move(*output);
  }
  void commit(const Output& output) {
    std::vector<FileMark> marks;
    output.marks(marks);
    REQUIRE(ledger->commit({}, marks).ok());
  }
};

TEST_CASE_METHOD(NdjsonFixture, "each document is one line, whatever its format") {
  auto output = open();
  output->add({}, {Format::kJson, "{\"a\":1}", {}});
  output->add({}, {Format::kJson, "{\n \"a\": 1\r\n}", {}});
  output->add({}, {Format::kJson, "{\"a\":1}\n{\"b\":2}", {}});  // two documents are not one
  output->add({}, {Format::kXml, "<a b=\"c\">\n</a>", {}});
  output->add({}, {Format::kBytes, "\xff", {}});
  CHECK(read("out/s1/books.ndjson").empty());
  REQUIRE(output->sync().ok());
  CHECK(read("out/s1/books.ndjson") ==
        "{\"a\":1}\n{\"a\":1}\n\"{\\\"a\\\":1}\\n{\\\"b\\\":2}\"\n\"<a "
        "b=\\\"c\\\">\\n</a>\"\n\"\xef\xbf\xbd\"\n");
}

TEST_CASE_METHOD(
    NdjsonFixture,
    "what was written but not committed is logged at the next start, and cut off before "
    "the next document") {
  auto output = open();
  output->add({}, {Format::kJson, "1", {}});
  REQUIRE(output->sync().ok());
  commit(*output);
  output->add({}, {Format::kJson, "22", {}});
  REQUIRE(output->sync().ok());
  CHECK(read("out/s1/books.ndjson") == "1\n22\n");
  output.reset();
  reopen();
  output = open();
  CHECK(read("out/s1/books.ndjson") == "1\n22\n");
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0] ==
        (folder / "out/s1/books.ndjson").string() +
            ": 3 bytes were not committed; they are cut off before the next document, and written "
            "again");
  output->add({}, {Format::kJson, "3", {}});
  REQUIRE(output->sync().ok());
  CHECK(read("out/s1/books.ndjson") == "1\n3\n");
}

}  // namespace
}  // namespace docmill::test

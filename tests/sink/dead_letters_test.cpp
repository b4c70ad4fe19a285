#include "sink/dead_letters.h"

#include <fmt/format.h>

#include <cstring>
#include <sstream>

#include "sink/files.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(SinkFixture,
                 "a dead letter tells the document, the reason and where it came from") {
  auto file = open_sink_file(folder / "dead.ndjson", context());
  REQUIRE(file.ok());
  DeadLetters dead(std::move(*file));
  BatchHeader batch;
  batch.lineage = {"p1", 0x12};
  batch.sequence = 7;
  const Origin origin{.source = "a \"b\".xml", .record = 3, .offset = 99, .line = 5};
  dead.add(
      batch,
      {EntryKind::kDead, 2, {Format::kXml, "<a>\n", origin}, "transformer.to_json: line 1: no"},
      "transformer.to_json: line 1: no");
  dead.add(batch, {EntryKind::kDead, 4, {Format::kBytes, "\xff\xfe", origin}, ""}, "worn out");
  REQUIRE(dead.sync().ok());
  CHECK(
      read("dead.ndjson") ==
      R"({"document":"<a>\n","format":"xml","stage":"transformer.to_json","error":"line 1: no",)"
      R"("source":"a \"b\".xml","record":3,"offset":99,"line":5,"producer":"p1","epoch":"0000000000000012",)"
      R"("sequence":7,"index":2})"
      "\n"
      R"({"document_base64":"//4=","format":"bytes","stage":"sink","error":"worn out",)"
      R"("source":"a \"b\".xml","record":3,"offset":99,"line":5,"producer":"p1","epoch":"0000000000000012",)"
      R"("sequence":7,"index":4})"
      "\n");
}

TEST_CASE_METHOD(SinkFixture,
                 "in the order of the source, the dead letters of a group have it, however late an "
                 "output rejects them") {
  auto file = open_sink_file(folder / "dead.ndjson", context());
  REQUIRE(file.ok());
  DeadLetters dead(std::move(*file), WriteOrder::kSource);
  const auto add = [&](const char* producer, Sequence sequence, std::uint32_t index,
                       const char* reason) {
    BatchHeader batch;
    batch.lineage = {producer, 1};
    batch.sequence = sequence;
    dead.add(batch, {EntryKind::kDead, index, {Format::kText, "", {}}, ""}, reason);
  };
  add("p2", 1, 0, "transformer");
  add("p1", 2, 1, "transformer");
  add("p1", 3, 0, "transformer");
  add("p1", 2, 0, "first part");
  add("p1", 2, 0, "second part");
  add("p1", 1, 9, "sqlite");
  CHECK(dead.added() == 6);
  REQUIRE(dead.sync().ok());
  CHECK(dead.synced() == 6);
  add("p1", 1, 0, "of the next group");
  REQUIRE(dead.sync().ok());
  std::string order;
  std::istringstream lines(read("dead.ndjson"));
  for (std::string line; std::getline(lines, line);) {
    const auto number = [&](const char* name) {
      return std::stoul(line.substr(line.find(name) + std::strlen(name)));
    };
    const std::size_t error = line.find("\"error\":\"") + 9;
    order += fmt::format("{} {} {}\n", number("\"sequence\":"), number("\"index\":"),
                         line.substr(error, line.find('"', error) - error));
  }
  CHECK(order ==
        "1 9 sqlite\n2 0 first part\n2 0 second part\n2 1 transformer\n3 0 transformer\n"
        "1 0 transformer\n1 0 of the next group\n");
}

}  // namespace
}  // namespace docmill::test

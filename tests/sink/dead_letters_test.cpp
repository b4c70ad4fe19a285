#include "sink/dead_letters.h"

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

}  // namespace
}  // namespace docmill::test

#include "sink/group_documents.h"

#include "sink/files.h"
#include "tests/sink/sink_fixture.h"

namespace docmill::test {
namespace {

struct RejectingOutput final : Output {
  void add(const DocumentId&, const DocumentView&) override {}
  Result<void> sync() override { return {}; }
  void marks(std::vector<FileMark>&) const override {}
  bool can_reject() const override { return can; }
  bool can = true;
};

TEST_CASE_METHOD(SinkFixture, "a rejected document is a dead letter once, whoever rejects it") {
  auto file = open_sink_file(folder / "dead.ndjson", context());
  REQUIRE(file.ok());
  DeadLetters dead_letters(std::move(*file));
  LedgerState empty;
  empty.id = 9;
  LedgerCore core("s1", std::move(empty));
  BatchHeader header;
  header.lineage = {.producer = "p1", .epoch = 7};
  header.run = {1, 1};
  header.sequence = 12;
  header.documents = 3;
  header.share = {{0, 3}};
  header.sinks = {"s1"};
  core.judge(header);
  core.settle(header, {{0, 3, Outcome::kDelivered}}, 3);

  RejectingOutput table;
  RejectingOutput server;
  RejectingOutput plain;
  plain.can = false;
  GroupDocuments documents;
  documents.watch(plain, "sink.outputs.ndjson");
  CHECK_FALSE(documents.watches());
  documents.watch(table, "sink.outputs.sqlite");
  documents.watch(server, "sink.outputs.http");
  for (std::uint32_t index = 0; index < 3; ++index) {
    // Every view dies with its round, as those of a batch do.
    const std::string bytes = "{\"n\":" + std::to_string(index) + "}";
    const std::string source = "in.xml";
    std::vector<Output*> takers = {&plain, &server};
    if (index != 1) takers.push_back(&table);  // a route of its own
    documents.keep(
        header,
        {EntryKind::kDocument, index, {Format::kJson, bytes, {source, index + 1, 100, 5}}, {}},
        takers);
  }
  CHECK(documents.bury(table, {{1, "n: does not fit"}}, core, dead_letters) == 1);
  CHECK(documents.bury(server, {{1, "status 400"}, {2, "status 400"}}, core, dead_letters) == 1);
  REQUIRE(dead_letters.has_group());
  REQUIRE(dead_letters.sync().ok());
  CHECK(
      read("dead.ndjson") ==
      R"({"document":"{\"n\":2}","format":"json","stage":"sink.outputs.sqlite","error":"n: does not fit","source":"in.xml","record":3,"offset":100,"line":5,"producer":"p1","epoch":"0000000000000007","sequence":12,"index":2})"
      "\n"
      R"({"document":"{\"n\":1}","format":"json","stage":"sink.outputs.http","error":"status 400","source":"in.xml","record":2,"offset":100,"line":5,"producer":"p1","epoch":"0000000000000007","sequence":12,"index":1})"
      "\n");
  CHECK(core.state().totals.delivered == 1);
  CHECK(core.state().totals.dead == 2);
  CHECK(core.state().totals.written == 1);
  documents.clear();
  CHECK(documents.bury(table, {}, core, dead_letters) == 0);
}

}  // namespace
}  // namespace docmill::test

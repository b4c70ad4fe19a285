#include "sink/group_commit.h"

#include "sink/spilling.h"
#include "tests/sink/commit_fixture.h"

namespace docmill::test {
namespace {

class FakeSpill final : public Output, public Spilling {
 public:
  explicit FakeSpill(const DeadLetters& dead_letters) : dead_letters_(dead_letters) {}

  void add(const DocumentId&, const DocumentView&) override {}
  Result<void> sync() override { return {}; }
  void marks(std::vector<FileMark>&) const override {}
  Spill spill() const override { return {}; }
  bool needs_commit() const override { return false; }
  void write_mark(Transaction&, Group) override { synced.push_back(dead_letters_.synced()); }
  void committed() override {}

  std::vector<std::uint64_t> synced;  // dead letters, whenever a mark was written

 private:
  const DeadLetters& dead_letters_;
};

// Full until a commit has taken out what its server refused.
class FullSpill final : public Output, public Spilling {
 public:
  void add(const DocumentId&, const DocumentView&) override {}
  Result<void> sync() override { return refused ? unavailable("") : Result<void>(); }
  Rejects rejects() const override { return Rejects::kAfterSync; }
  void marks(std::vector<FileMark>&) const override {}
  Spill spill() const override { return {}; }
  bool needs_commit() const override { return refused; }
  void write_mark(Transaction&, Group group) override { groups.push_back(group); }
  void committed() override { refused = false; }

  bool refused = true;
  std::vector<Group> groups;
};

TEST_CASE_METHOD(CommitFixture,
                 "what a server refused is committed while a group waits, and nothing of the group "
                 "is") {
  const WriteOrder order = GENERATE(WriteOrder::kAny, WriteOrder::kSource);
  dead_letters.reset();
  auto file = open_sink_file(folder / "dead.ndjson", context());
  REQUIRE(file.ok());
  dead_letters.emplace(std::move(*file), order);
  FullSpill* const spill = add_output(std::make_unique<FullSpill>(), "sink.outputs.fake");
  begin();
  add(1, {{R"({"n":1})"}});
  dead_letters->add({}, {EntryKind::kDead, 0, {Format::kJson, "1", {}}, {}}, "sink: of the group");
  dead_letters->add_spilled({}, {EntryKind::kDead, 0, {Format::kJson, "2", {}}, {}}, "sink: old");
  REQUIRE(commit->begin(Time{}, false));
  CHECK(commit->advance().error() == unavailable(""));
  const std::string old = "\"2\" \"stage\":\"sink\",\"error\":\"old\"\n";
  CHECK(dead() == old);
  CHECK(other->ask("SELECT delivered FROM docmill_ledger") == "0\n");
  CHECK(other->ask("SELECT count(*) FROM t") == "0\n");
  std::vector<FileMark> marks;
  dead_letters->marks(marks);
  const auto length = std::to_string(read("dead.ndjson").size());
  CHECK(other->ask("SELECT length FROM docmill_files WHERE path = '" + marks.front().path + "'") ==
        length + "\n");
  finish();
  CHECK(dead() == old + "\"1\" \"stage\":\"sink\",\"error\":\"of the group\"\n");
  CHECK(totals().delivered == 1);
  CHECK(spill->groups == std::vector{Spilling::Group::kWithout, Spilling::Group::kWith});
}

TEST_CASE_METHOD(CommitFixture,
                 "the mark of a spool is written behind the dead letters of its commit, also where "
                 "a database decides in the transaction") {
  FakeSpill* const spill =
      add_output(std::make_unique<FakeSpill>(*dead_letters), "sink.outputs.fake");
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}});
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(dead() == kFiveIsDead);
  CHECK(spill->synced == std::vector<std::uint64_t>{1});
}

TEST_CASE_METHOD(
    CommitFixture,
    "a rejection in an attempt that a locked database rolls back is dead-lettered by the "
    "next one") {
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}, {R"({"n":2})"}});
  other->ask("BEGIN; SELECT * FROM t");
  REQUIRE(commit->begin(Time{}, false));
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto locked = commit->advance();
    REQUIRE_FALSE(locked.ok());
    CHECK(locked.error().code == ErrorCode::kUnavailable);
    CHECK(other->ask("SELECT delivered, dead FROM docmill_ledger") == "0|0\n");
  }
  other->ask("COMMIT");
  finish();
  CHECK(dead() == kFiveIsDead);
  CHECK(other->ask("SELECT n FROM t") == "1\n2\n");
  CHECK(totals().delivered == 2);
  CHECK(totals().dead == 1);
  CHECK(totals().written == 2);
  CHECK(ledger->state()->totals == totals());
}

TEST_CASE_METHOD(CommitFixture, "a document that two outputs reject is one dead letter") {
  FakeOutput* const server = add_fake(Rejects::kAfterSync);
  server->refuses = {{R"({"n":5})", "status 422"}, {R"({"n":6})", "status 422"}};
  FakeOutput* const second = add_fake(Rejects::kAfterSync);
  second->refuses = {{R"({"n":6})", "no"}, {R"({"n":7})", "no"}};
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}, {R"({"n":6})"}, {R"({"n":7})"}});
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(dead() ==
        "\"{\\\"n\\\":5}\" \"stage\":\"sink.outputs.fake\",\"error\":\"status 422\"\n"
        "\"{\\\"n\\\":6}\" \"stage\":\"sink.outputs.fake\",\"error\":\"status 422\"\n"
        "\"{\\\"n\\\":7}\" \"stage\":\"sink.outputs.fake\",\"error\":\"no\"\n");
  CHECK(other->ask("SELECT n FROM t") == "1\n");
  CHECK(totals().delivered == 1);
  CHECK(totals().dead == 3);
  CHECK(totals().written == 1);
}

TEST_CASE_METHOD(CommitFixture, "a rejected document is in no output that is asked later") {
  FakeOutput* const file = add_fake(Rejects::kNever);
  FakeOutput* const server = add_fake(Rejects::kAfterSync);
  server->refuses = {{R"({"n":1})", "status 422"}};
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}, {R"({"n":2})"}});
  CHECK(file->documents.empty());
  CHECK(documents->waiting(*file) == 3);
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(file->settled == Documents{R"({"n":2})"});
  CHECK(other->ask("SELECT n FROM t") == "2\n");
  CHECK(totals().dead == 2);

  add(2, {{R"({"n":3})"}});
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(file->settled == Documents{R"({"n":2})", R"({"n":3})"});
}

TEST_CASE_METHOD(CommitFixture,
                 "a rejection and a full disk in one commit: each document is written once") {
  FakeOutput* const file = add_fake(Rejects::kNever);
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}});
  file->syncs = {unavailable("no space"), unavailable("no space"), unavailable("")};
  REQUIRE(commit->begin(Time{}, false));
  for (const char* text : {"no space", "no space", ""}) {
    CHECK(commit->advance().error() == unavailable(text));
    CHECK(other->ask("SELECT count(*) FROM t") == "0\n");
    // It is waited for outside the transaction, which would lock the others out.
    CHECK(other->ask("BEGIN IMMEDIATE; ROLLBACK") == "");
  }
  finish();
  CHECK(file->settled == Documents{R"({"n":1})"});
  CHECK(other->ask("SELECT n FROM t") == "1\n");
  CHECK(dead() == kFiveIsDead);
}

TEST_CASE_METHOD(CommitFixture,
                 "a disk that fails in the commit of a rejection ends it with the disk's error") {
  FakeOutput* const file = add_fake(Rejects::kNever);
  begin();
  add(1, {{R"({"n":5})"}, {R"({"n":1})"}});
  file->syncs = {corrupt("a.ndjson: sync: input/output error")};
  REQUIRE(commit->begin(Time{}, false));
  CHECK(commit->advance().error() == corrupt("a.ndjson: sync: input/output error"));
  CHECK(ledger->state()->totals.dead == 0);
}

TEST_CASE_METHOD(
    CommitFixture,
    "a document that is rejected after the files had it ends the commit with an error") {
  FakeOutput* const file = add_fake(Rejects::kNever);
  begin();
  add(1, {{R"({"n":1})"}, {R"({"n":2})"}});
  file->syncs = {unavailable("no space")};
  REQUIRE(commit->begin(Time{}, false));
  CHECK(commit->advance().error() == unavailable("no space"));
  other->ask(
      "CREATE TRIGGER late BEFORE INSERT ON t WHEN NEW.n = 2 BEGIN SELECT RAISE(ABORT, 'late'); "
      "END");
  CHECK(
      commit->advance().error() ==
      corrupt("sink.outputs.sqlite: document 1 of batch 1 of p1 was rejected after other outputs "
              "had it (late); expected the same answer as before the transaction was rolled back; "
              "start the sink again, which writes the batch from the start"));
  CHECK(other->ask("SELECT count(*) FROM t") == "0\n");
}

TEST_CASE_METHOD(
    CommitFixture,
    "of an input that became several documents the others are delivered, and it is dead") {
  begin();
  add(1,
      {{R"({"n":1})", R"({"n":5})", R"({"n":2})"}, {R"({"n":5})", R"({"n":5})"}, {R"({"n":3})"}});
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(other->ask("SELECT n FROM t") == "1\n2\n3\n");
  CHECK(dead() == kFiveIsDead + kFiveIsDead + kFiveIsDead);
  CHECK(totals().delivered == 1);
  CHECK(totals().dead == 2);
  CHECK(totals().written == 3);
}

TEST_CASE_METHOD(CommitFixture,
                 "an output that shares no route with one that rejects waits for none") {
  chosen[0].config = RoutedOutput{{"table"}, {}};
  FakeOutput* const file = add_fake(Rejects::kNever, {"file"});
  FakeOutput* const both = add_fake(Rejects::kNever, {"file", "table"});
  begin();
  add(1, {{"1"}}, R"("route":"file")");
  CHECK(file->documents == Documents{"1"});
  CHECK(both->documents.empty());
  add(2, {{R"({"n":5})"}, {R"({"n":2})"}}, R"("route":"table")");
  add(3, {{"3"}}, R"("route":"file")");
  REQUIRE(commit->begin(Time{}, false));
  finish();
  CHECK(file->settled == Documents{"1", "3"});
  CHECK(both->settled == Documents{"1", R"({"n":2})", "3"});
}

TEST_CASE_METHOD(SqliteFixture,
                 "a rejected row does not keep an earlier document of its key out of the table") {
  std::filesystem::create_directories(folder / "out/s1");
  Other(path()).ask("CREATE TABLE t (id PRIMARY KEY NOT NULL, v CHECK (v <> 5))");
  auto output = open("table: t\ncolumns: { id: /id, v: /v }\nkey: id");
  output->add({"p1", 7, 9, 0, 0}, json(R"({"id":"k","v":5})"));
  commit(*output);
  CHECK(output->take_rejected().size() == 1);
  output->add({"p1", 7, 8, 0, 0}, json(R"({"id":"k","v":4})"));
  commit(*output);
  CHECK(Other(path()).ask("SELECT v FROM t") == "4\n");
}

}  // namespace
}  // namespace docmill::test

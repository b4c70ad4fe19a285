// Rows whose trigger rolls back the whole transaction, and with it the rows of other documents.
#include "tests/sink/commit_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(CommitFixture,
                 "rows that roll back the transaction, and a full disk after them: each is one "
                 "dead letter, and all others are written once") {
  FakeOutput* const file = add_fake(Rejects::kNever);
  other->ask(
      "CREATE TRIGGER odd AFTER INSERT ON t WHEN NEW.n % 2 BEGIN SELECT RAISE(ROLLBACK, 'odd'); "
      "END");
  begin();
  add(1, {{R"({"n":2})"}, {R"({"n":1})"}, {R"({"n":5})"}, {R"({"n":4})"}, {R"({"n":3})"}});
  file->syncs = {unavailable("no space")};
  REQUIRE(commit->begin(Time{}, false));
  for (const char* text : {"", "", "no space"}) {
    CHECK(commit->advance().error() == unavailable(text));
    CHECK(file->documents.size() == (*text == '\0' ? 0 : 2));
    CHECK(other->ask("SELECT count(*) FROM t") == "0\n");
    CHECK(other->ask("BEGIN IMMEDIATE; ROLLBACK") == "");
  }
  finish();
  CHECK(file->settled == Documents{R"({"n":2})", R"({"n":4})"});
  CHECK(other->ask("SELECT n FROM t") == "2\n4\n");
  CHECK(dead() == "\"{\\\"n\\\":1}\" \"stage\":\"sink.outputs.sqlite\",\"error\":\"odd\"\n" +
                      kFiveIsDead +
                      "\"{\\\"n\\\":3}\" \"stage\":\"sink.outputs.sqlite\",\"error\":\"odd\"\n");
  CHECK(totals().delivered == 2);
  CHECK(totals().dead == 3);
  CHECK(ledger->state()->totals == totals());
}

TEST_CASE_METHOD(CommitFixture, "a row that finds no row id is a dead letter, and no full disk") {
  const char* const table_with_end = GENERATE(
      "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n); INSERT INTO t VALUES "
      "(9223372036854775806, 0)",
      "CREATE TABLE ids (id INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO ids VALUES "
      "(9223372036854775806); CREATE TABLE t (n); INSERT INTO t VALUES (0); CREATE TRIGGER x AFTER "
      "INSERT ON t BEGIN INSERT INTO ids VALUES (NULL); END");
  REQUIRE(other->ask(std::string("DROP TABLE t; ") + table_with_end) == "");
  begin();
  add(1, {{R"({"n":1})"}, {R"({"n":2})"}, {R"({"n":3})"}});
  REQUIRE(commit->begin(Time{}, false));
  int turns = 0;
  for (auto advanced = commit->advance(); !advanced; advanced = commit->advance()) {
    CHECK(advanced.error() == unavailable(""));
    REQUIRE(++turns < 10);
  }
  core->committed();
  CHECK(other->ask("SELECT n FROM t") == "0\n1\n");
  const std::string reason =
      "\"stage\":\"sink.outputs.sqlite\",\"error\":\"database or disk is full, but not the disk; "
      "an "
      "AUTOINCREMENT key is at its end\"\n";
  CHECK(dead() == "\"{\\\"n\\\":2}\" " + reason + "\"{\\\"n\\\":3}\" " + reason);
  CHECK(totals().dead == 2);
}

TEST_CASE_METHOD(
    CommitFixture,
    "while rows roll back the transaction groups are small, and grow again afterwards") {
  other->ask(
      "CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.n < 0 BEGIN SELECT RAISE(ROLLBACK, 'x'); END");
  begin();
  const auto commit_one = [&](Sequence sequence, const std::string& document) {
    add(sequence, {{document}});
    REQUIRE(commit->begin(Time{}, false));
    while (!commit->advance()) continue;
    core->committed();
  };
  CHECK_FALSE(table->full(1'000'000));
  commit_one(1, R"({"n":-1})");
  CHECK(table->full(256));
  CHECK_FALSE(table->full(255));
  commit_one(2, R"({"n":1})");
  CHECK(table->full(512));
  CHECK_FALSE(table->full(511));
  commit_one(3, R"({"n":-1})");
  CHECK(table->full(256));
}

}  // namespace
}  // namespace docmill::test

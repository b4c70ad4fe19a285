#include "tests/sink/sqlite_fixture.h"

namespace docmill::test {
namespace {

struct Rules {
  const char* name;
  const char* table;
  const char* settings;
  const char* rows;      // SELECT id, n, of all that is left
  const char* rejected;  // number and reason
};

constexpr const char* kColumns = "columns: { id: /id, n: /n }";

// Each gets (a, 1), (a, 2), (b, -3), (c, 4).
const std::vector<Rules> kRules = {
    {.name = "a constraint that ignores",
     .table = "CREATE TABLE t (id UNIQUE ON CONFLICT IGNORE, n)",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: UNIQUE constraint failed: t.id\n"},
    {.name = "a constraint that replaces",
     .table = "CREATE TABLE t (id UNIQUE on  conflict REPLACE, n)",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: UNIQUE constraint failed: t.id\n"},
    {.name = "a constraint that rolls back",
     .table = "CREATE TABLE T (id UNIQUE ON CONFLICT ROLLBACK, n)",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: UNIQUE constraint failed: T.id\n"},
    {.name = "a key whose constraint replaces",
     .table = "CREATE TABLE t (id PRIMARY KEY ON CONFLICT REPLACE, n)",
     .settings = "columns: { id: /id, n: /n }\nkey: id",
     .rows = "a|2\nb|-3\nc|4\n",
     .rejected = ""},
    {.name = "a trigger that fails behind the row",
     .table = "CREATE TABLE t (id, n); CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.n < 0 BEGIN "
              "SELECT RAISE(FAIL, 'negative'); END",
     .settings = kColumns,
     .rows = "a|1\na|2\nc|4\n",
     .rejected = "2: negative\n"},
    {.name = "a trigger that fails behind a row that replaced another",
     .table = "CREATE TABLE t (id PRIMARY KEY, n); CREATE TRIGGER x AFTER UPDATE ON t WHEN NEW.n = "
              "2 BEGIN SELECT RAISE(FAIL, 'two'); END",
     .settings = "columns: { id: /id, n: /n }\nkey: id",
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: two\n"},
    {.name = "a trigger that rolls back the transaction, before or behind the row",
     .table = "CREATE TABLE t (id, n); CREATE TRIGGER x BEFORE INSERT ON t WHEN NEW.n = 2 BEGIN "
              "SELECT RAISE(ROLLBACK, 'two'); END; CREATE TRIGGER y AFTER INSERT ON t WHEN NEW.n < "
              "0 BEGIN SELECT RAISE(ROLLBACK, 'negative'); END",
     .settings = kColumns,
     .rows = "a|1\nc|4\n",
     .rejected = "1: two\n2: negative\n"},
    {.name =
         "a trigger that rolls back the transaction for a row that an earlier one is needed for",
     .table = "CREATE TABLE t (id, n); CREATE TRIGGER x BEFORE INSERT ON t WHEN EXISTS (SELECT * "
              "FROM t WHERE id = NEW.id) BEGIN SELECT RAISE(ROLLBACK, 'again'); END",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: again\n"},
    {.name = "a trigger that rolls back the transaction for a row that replaces another",
     .table = "CREATE TABLE t (id PRIMARY KEY, n); CREATE TRIGGER x AFTER UPDATE ON t WHEN NEW.n = "
              "2 BEGIN SELECT RAISE(ROLLBACK, 'two'); END",
     .settings = "columns: { id: /id, n: /n }\nkey: id",
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: two\n"},
    {.name = "a trigger whose own statement rolls back the transaction",
     .table = "CREATE TABLE t (id, n); CREATE TABLE ids (id UNIQUE); CREATE TRIGGER x AFTER INSERT "
              "ON t BEGIN INSERT OR ROLLBACK INTO ids VALUES (NEW.id); END",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: UNIQUE constraint failed: ids.id\n"},
    {.name = "a trigger that writes to a table whose constraint rolls back the transaction",
     .table = "CREATE TABLE t (id, n); CREATE TABLE ids (id UNIQUE ON CONFLICT ROLLBACK); CREATE "
              "TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO ids VALUES (NEW.id); END",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: UNIQUE constraint failed: ids.id\n"},
    {.name = "a trigger that ignores the row, with what it did before",
     .table = "CREATE TABLE t (id, n); CREATE TRIGGER x BEFORE INSERT ON t WHEN NEW.n < 0 BEGIN "
              "UPDATE t SET n = 100; SELECT RAISE(IGNORE); END",
     .settings = kColumns,
     .rows = "a|1\na|2\nc|4\n",
     .rejected = "2: expected a new or changed row in t, got none; a trigger ignores it\n"},
    {.name = "a trigger that keeps the row and ignores the rest of itself",
     .table = "CREATE TABLE t (id, n); CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.n < 0 BEGIN "
              "SELECT RAISE(IGNORE); END",
     .settings = kColumns,
     .rows = "a|1\na|2\nb|-3\nc|4\n",
     .rejected = ""},
    {.name = "a trigger whose own statements ignore what they find",
     .table = "CREATE TABLE t (id, n); CREATE TABLE ids (id UNIQUE); CREATE TRIGGER x AFTER INSERT "
              "ON t BEGIN INSERT OR IGNORE INTO ids VALUES (NEW.id); END",
     .settings = kColumns,
     .rows = "a|1\na|2\nb|-3\nc|4\n",
     .rejected = ""},
    {.name = "nothing but a key, which comes again",
     .table = "CREATE TABLE t (id PRIMARY KEY, n)",
     .settings = "columns: { id: /id }\nkey: id",
     .rows = "a|NULL\nb|NULL\nc|NULL\n",
     .rejected = ""},
    {.name = "an index with an expression that some rows have no value for",
     .table = "CREATE TABLE t (id, n); CREATE INDEX i ON t (json_extract(iif(n = 2, 'x', '1'), "
              "'$'))",
     .settings = kColumns,
     .rows = "a|1\nb|-3\nc|4\n",
     .rejected = "1: malformed JSON\n"},
    {.name = "a generated column",
     .table = "CREATE TABLE t (id, n, x AS (abs(iif(n < 0, -9223372036854775807 - 1, n))) STORED)",
     .settings = kColumns,
     .rows = "a|1\na|2\nc|4\n",
     .rejected = "2: integer overflow\n"},
};

TEST_CASE_METHOD(SqliteFixture,
                 "whatever rules a table has, a document is a row or is rejected, never both and "
                 "never neither") {
  std::filesystem::create_directories(folder / "out/s1");
  for (const Rules& rules : kRules) {
    INFO(rules.name);
    Other other(path());
    REQUIRE(other.ask(rules.table).empty());
    auto output = open(std::string("table: t\n") + rules.settings);
    std::uint32_t index = 0;
    for (const char* document : {R"({"id":"a","n":1})", R"({"id":"a","n":2})",
                                 R"({"id":"b","n":-3})", R"({"id":"c","n":4})"}) {
      output->add({"p1", 7, 1, index++, 0}, json(document));
    }
    commit(*output);
    std::string rejected;
    for (const Rejected& one : output->take_rejected()) {
      rejected += std::to_string(one.number) + ": " + one.reason + "\n";
    }
    CHECK(rejected == rules.rejected);
    CHECK(other.ask("SELECT id, n FROM t ORDER BY rowid") == rules.rows);
    output.reset();
    other.ask("DROP TABLE t; DROP TABLE IF EXISTS ids; DROP TABLE IF EXISTS docmill_versions_t_id");
  }
}

TEST_CASE_METHOD(SqliteFixture,
                 "a table that is dropped while the sink runs is no document's fault") {
  auto output = open("table: t\ncolumns: { n: /n }");
  output->add({"p1", 7, 1, 0, 0}, json(R"({"n":1})"));
  commit(*output);
  Other other(path());
  REQUIRE(other.ask("DROP TABLE t").empty());
  output->add({"p1", 7, 1, 1, 0}, json(R"({"n":2})"));
  const auto committed = try_commit(*output);
  REQUIRE_FALSE(committed.ok());
  CHECK(committed.error() == config_error(path() + ": no such table: t"));
  CHECK(output->take_rejected().empty());
}

TEST_CASE_METHOD(SqliteFixture, "a trigger that is made while the sink runs loses no document") {
  auto output = open("table: t\ncolumns: { n: /n }");
  output->add({"p1", 7, 1, 0, 0}, json(R"({"n":1})"));
  commit(*output);
  Other other(path());
  REQUIRE(other
              .ask("CREATE TRIGGER x AFTER INSERT ON t WHEN NEW.n = 2 BEGIN SELECT RAISE(FAIL, "
                   "'two'); END")
              .empty());
  output->add({"p1", 7, 1, 1, 0}, json(R"({"n":2})"));
  output->add({"p1", 7, 1, 2, 0}, json(R"({"n":3})"));
  commit(*output);
  REQUIRE(output->take_rejected().size() == 1);
  CHECK(other.ask("SELECT n FROM t") == "1\n3\n");
}

}  // namespace
}  // namespace docmill::test

#include "tests/sink/sqlite_fixture.h"
#include "tests/support/real_disk.h"

namespace docmill::test {
namespace {

struct Misfit {
  const char* name;
  const char* table;
  const char* settings;
  const char* problem;
};
const std::vector<Misfit> kMisfits = {
    {.name = "columns",
     .table = "CREATE TABLE t (a, b AS (a + 1), c NOT NULL, d NOT NULL DEFAULT 1)",
     .settings = "columns: { A: /a, b: /b, x: /x }",
     .problem = "b: expected a column to write to, found a generated one; x: expected a column, "
                "found none; c: expected a path for it, for it is NOT NULL and has no default, "
                "found none"},
    {.name = "no key",
     .table = "CREATE TABLE t (a, b, UNIQUE (a, b))",
     .settings = "columns: { a: /a }\nkey: a",
     .problem = "a: expected a PRIMARY KEY or UNIQUE column, as it is the key, found neither"},
    {.name = "view",
     .table = "CREATE VIEW t AS SELECT 1 AS a",
     .settings = "columns: { a: /a }",
     .problem = "expected a table, found a view"},
};

TEST_CASE_METHOD(SqliteFixture, "a table that does not fit is refused, column by column") {
  std::filesystem::create_directories(folder / "out/s1");
  for (const Misfit& row : kMisfits) {
    INFO(row.name);
    Other other(path());
    REQUIRE(other.ask(row.table).empty());
    const auto output = try_open(std::string("table: t\n") + row.settings);
    REQUIRE_FALSE(output.ok());
    CHECK(output.error() == config_error(path() + ": table t does not fit: " + row.problem +
                                         "; change the table or the settings"));
    other.ask("DROP TABLE t");
    other.ask("DROP VIEW t");
  }
}

TEST_CASE_METHOD(SqliteFixture, "a table of somebody else's is a table like our own") {
  std::filesystem::create_directories(folder / "out/s1");
  Other other(path());
  other.ask("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE, v)");
  auto output = open("table: t\ncolumns: { Name: name, v: v }\nkey: Name");
  output->add({"p1", 7, 2, 0, 0}, xml("<a><name>Ada</name><v>2</v></a>"));
  commit(*output);
  output->add({"p1", 7, 1, 0, 0}, xml("<a><name>ADA</name><v>1</v></a>"));
  commit(*output);
  CHECK(other.ask("SELECT * FROM t") == "1|Ada|2\n");
}

struct KeyRule {
  const char* table;
  std::vector<const char*> others;  // keys that are not 1, as JSON
  const char* same = "1";           // one that is
};
const std::vector<KeyRule> kKeyRules = {
    {.table = "k ANY PRIMARY KEY NOT NULL, n ANY) STRICT",
     .others = {"\"1\"", "\"01\"", "\"1.0\""}},
    {.table = "n ANY, k ANY NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID",
     .others = {"\"1\"", "\"01\""},
     .same = "1.0"},
    {.table = "k ANY PRIMARY KEY, n)", .others = {"\"1x\""}, .same = "\"01\""},
    {.table = "k UNIQUE, n)", .others = {"\"1\"", "\"01\""}, .same = "1.0"},
    {.table = "k VARCHAR(5) PRIMARY KEY, n)", .others = {"\"01\""}, .same = "\"1\""},
    {.table = "k INTEGER PRIMARY KEY, n)", .others = {"2"}, .same = "\"1\""},
    {.table = "k INTEGER PRIMARY KEY, n) WITHOUT ROWID", .others = {"2"}, .same = "\"01\""},
    {.table = "k REAL PRIMARY KEY, n)", .others = {"1.5", "\"x\""}, .same = "\"1\""},
};

TEST_CASE_METHOD(SqliteFixture, "two keys are one for a late document as they are for the table") {
  std::filesystem::create_directories(folder / "out/s1");
  for (const KeyRule& rule : kKeyRules) {
    INFO(rule.table);
    Other other(path());
    REQUIRE(other.ask(std::string("CREATE TABLE t (") + rule.table).empty());
    auto output = open("table: t\ncolumns: { k: /k, n: /n }\nkey: k");
    const auto add = [&](std::uint64_t sequence, const std::string& key, int n) {
      const std::string document = R"({"k":)" + key + R"(,"n":)" + std::to_string(n) + "}";
      output->add({"p1", 7, sequence, 0, 0}, json(document));
      commit(*output);
    };
    add(2, "1", 2);
    for (const char* const key : rule.others) add(1, key, 1);
    add(1, rule.same, 3);
    CHECK(output->take_rejected().empty());
    CHECK(other.ask("SELECT count(*) FROM t WHERE n = 1") ==
          std::to_string(rule.others.size()) + "\n");
    CHECK(other.ask("SELECT count(*) FROM t WHERE n = 2") == "1\n");
    CHECK(other.ask("SELECT count(*) FROM t WHERE n = 3") == "0\n");
    output.reset();
    other.ask("DROP TABLE t; DROP TABLE docmill_versions_t_k");
  }
}

TEST_CASE_METHOD(SqliteFixture, "a whole number that a REAL key rounds is compared as rounded") {
  std::filesystem::create_directories(folder / "out/s1");
  Other other(path());
  other.ask("CREATE TABLE t (k REAL PRIMARY KEY, n)");
  auto output = open("table: t\ncolumns: { k: /k, n: /n }\nkey: k");
  const char* const key = GENERATE("9007199254740993", "\"9007199254740993\"");
  output->add({"p1", 7, 2, 0, 0}, json(R"({"k":9007199254740993,"n":2})"));
  output->add({"p1", 7, 1, 0, 0}, json(std::string(R"({"k":)") + key + R"(,"n":1})"));
  commit(*output);
  CHECK(other.ask("SELECT n FROM t") == "2\n");
}

TEST_CASE_METHOD(SqliteFixture, "of two UNIQUE indexes the key follows one in both of its tables") {
  std::filesystem::create_directories(folder / "out/s1");
  Other other(path());
  other.ask(
      "CREATE TABLE t (k TEXT PRIMARY KEY, n); CREATE UNIQUE INDEX i ON t (k COLLATE NOCASE)");
  auto output = open("table: t\ncolumns: { k: /k, n: /n }\nkey: k");
  output->add({"p1", 7, 2, 0, 0}, json(R"({"k":"a","n":2})"));
  output->add({"p1", 7, 1, 0, 0}, json(R"({"k":"A","n":1})"));
  commit(*output);
  const std::size_t rejected = output->take_rejected().size();
  const bool replaced = other.ask("SELECT n FROM t") != "2\n";
  INFO("rejected " << rejected << ", replaced " << replaced);
  // NOCASE: the late document is settled by the later one. BINARY: it is another key, which the
  // other index refuses.
  const bool nocase = other.ask(
                          "SELECT coll FROM pragma_index_xinfo('docmill_versions_t_k') "
                          "WHERE name = 'key'") == "NOCASE\n";
  CHECK_FALSE(replaced);
  CHECK(rejected == (nocase ? 0 : 1));
}

TEST_CASE_METHOD(SqliteFixture,
                 "versions of keys that were compared otherwise are compared again") {
  std::filesystem::create_directories(folder / "out/s1");
  Other other(path());
  // As docmill 1 made them for a column of type ANY.
  REQUIRE(
      other
          .ask("CREATE TABLE t (k ANY PRIMARY KEY NOT NULL, n ANY) STRICT; INSERT INTO t VALUES "
               "('01', 5);"
               "CREATE TABLE docmill_versions_t_k (\"key\" ANY COLLATE \"BINARY\" NOT NULL, "
               "producer TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, "
               "\"index\" INTEGER NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (\"key\", "
               "producer)) WITHOUT ROWID; CREATE INDEX docmill_ages_t_k ON docmill_versions_t_k "
               "(producer, epoch, sequence); INSERT INTO docmill_versions_t_k VALUES "
               "('01', 'p1', 7, 5, 0, 0)")
          .empty());
  auto output = open("table: t\ncolumns: { k: /k, n: /n }\nkey: k");
  output->add({"p1", 7, 4, 0, 0}, json(R"({"k":"01","n":4})"));
  output->add({"p1", 7, 3, 0, 0}, json(R"({"k":"1","n":3})"));
  commit(*output);
  CHECK(other.ask("SELECT k, n FROM t ORDER BY n") == "1|3\n01|5\n");
  CHECK(other.ask("SELECT count(*) FROM sqlite_schema WHERE name = 'docmill_former'") == "0\n");
}

TEST_CASE_METHOD(SqliteFixture, "a database that a reader holds is waited for") {
  auto output = open("table: t\ncolumns: { a: /a }");
  Other other(path());
  other.ask("BEGIN; SELECT * FROM t");
  output->add({"p1", 7, 1, 0, 0}, json(R"({"a":1})"));
  CHECK(other.ask("SELECT count(*) FROM t") == "0\n");
  const auto busy = try_commit(*output);
  REQUIRE_FALSE(busy.ok());
  CHECK(busy.error() == unavailable(path() + ": another program reads it or writes to it"));
  CHECK(other.ask("SELECT count(*) FROM t; COMMIT") == "0\n");
  commit(*output);
  CHECK(other.ask("SELECT * FROM t") == "1\n");
}

struct BadSettings {
  const char* settings;
  const char* finding;
};
const std::vector<BadSettings> kBadSettings = {
    {"table: docmill_ledger\ncolumns: { a: b }",
     "test.yaml:2: table: expected a name that begins neither with docmill_ nor with sqlite_, "
     "found 'docmill_ledger'\n"},
    {"table: t\ncolumns: { a: $dokument }",
     "test.yaml:1: columns.a: expected $document, $source, $record, $offset, $line, $producer, "
     "$epoch, $sequence, $index, $part or $note.NAME, found '$dokument'\n"},
    {"table: t\ncolumns: { title: a, Title: b }",
     "test.yaml:1: columns: expected names that differ in more than case, got 'title' and 'Title'; "
     "rename one\n"},
    {"table: t\ncolumns: { a: b }\nkey: c",
     "test.yaml:1: key: expected one of the columns, found 'c'\n"},
    {"table: t\ncolumns: {}", "test.yaml:1: columns: expected at least one, found none\n"},
};

TEST_CASE_METHOD(SqliteFixture, "settings that no table could follow are findings") {
  for (const BadSettings& row : kBadSettings) {
    INFO(row.settings);
    const auto output = try_open(row.settings);
    REQUIRE_FALSE(output.ok());
    CHECK(output.error().text == row.finding);
  }
}

TEST_CASE_METHOD(SqliteFixture, "what is no database, or another's, is refused and left alone") {
  std::filesystem::create_directories(folder / "out/s1");
  std::ofstream(path()) << std::string(4096, 'x');
  close();
  auto locked = StateFolder::open(real_disk(), folder / "state", "s1");
  REQUIRE(locked.ok());
  const auto text = LedgerStore::open(*locked, path());
  REQUIRE_FALSE(text.ok());
  CHECK(text.error() ==
        config_error(path() +
                     ": expected a SQLite database, found something else; name another file"));
  std::filesystem::remove(path());
  {
    Other other(path());
    CHECK(other.ask("PRAGMA journal_mode=wal") == "wal\n");
    other.ask("CREATE TABLE t (a)");
    const auto wal = LedgerStore::open(*locked, path());
    REQUIRE_FALSE(wal.ok());
    CHECK(wal.error() ==
          config_error(path() + ": expected journal_mode=delete, found wal; set it with: PRAGMA "
                                "journal_mode=delete"));
    other.ask("PRAGMA journal_mode=delete");
  }
  const auto first = LedgerStore::open(*locked, path());
  REQUIRE(first.ok());
  auto s2 = StateFolder::open(real_disk(), folder / "state", "s2");
  REQUIRE(s2.ok());
  const auto second = LedgerStore::open(*s2, path());
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        config_error(path() + ": another process writes to it; give each sink its own file"));
}

}  // namespace
}  // namespace docmill::test

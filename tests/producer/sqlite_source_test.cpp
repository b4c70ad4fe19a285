#include "producer/sources/sources.h"
#include "shared/base/hash.h"
#include "tests/producer/sqlite_fixture.h"

namespace docmill::test {
namespace {

TEST_CASE_METHOD(SqliteSourceFixture, "a row is a JSON object whose values keep their types") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (-3, 'a\"b'), (1, 1.0), "
      "(2, 1e300), (7, NULL), (8, x'00ff'), (9, 9223372036854775807), (10, 9e999)");
  const auto all = read_all(*source(settings(kAll, "cursor: id\npoll: 0s")));
  CHECK(outline(all) ==
        R"({"id":-3,"v":"a\"b"} {"id":1,"v":1.0} {"id":2,"v":1e+300} {"id":7,"v":null} )"
        R"({"id":8,"v":"AP8="} {"id":9,"v":9223372036854775807} {"id":10,"v":null} ^ $)");
  CHECK(all[0].format == Format::kJson);
  CHECK(all[1].source == path("in.db"));
  CHECK(all[1].record == 1);
}

TEST_CASE_METHOD(SqliteSourceFixture, "from every position on the same rows come") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
      "ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO t SELECT i * 3, printf('k %03d', i) FROM "
      "n");
  check_every_position(*this, sqlite_source(), settings(kAll, "cursor: id\npoll: 0s"));
  check_every_position(
      *this, sqlite_source(),
      settings("SELECT name FROM t WHERE name > :cursor ORDER BY name", "cursor: name\npoll: 0s"));
}

TEST_CASE_METHOD(SqliteSourceFixture,
                 "a position of another path, query, cursor or source is refused") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (7, 3)");
  std::filesystem::copy(path("in.db"), path("other.db"));
  auto rows = source(settings(kAll, "cursor: id"));
  CHECK(outline(read_all(*rows)) == "{\"id\":7,\"n\":3} ^ ~");
  const std::string position = rows->position();
  CHECK(position ==
        fmt::format("sqlite 2 {:016x} number 7", hash64(path("in.db") + "\nid\n" + kAll)));
  const auto refused = [&](const std::string& file, const std::string& cursor,
                           const std::string& query, const std::string& found) {
    INFO(file << cursor << query << found);
    const auto opened =
        open(sqlite_source(), "path: " + path(file) + "\nquery: " + query + "\ncursor: " + cursor,
             found);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error() ==
          corrupt(fmt::format(
              "producer.source.sqlite: expected a position of this path, query and cursor ('sqlite "
              "2 {:016x} ...'), found '{}'; use those that wrote it until all is settled, or start "
              "over with --fresh",
              hash64(path(file) + "\n" + cursor + "\n" + query), found)));
  };
  refused("other.db", "id", kAll, position);
  refused("in.db", "n", kAll, position);
  refused("in.db", "id", "SELECT * FROM t WHERE n > :cursor ORDER BY n", position);
  refused("in.db", "id", kAll, "spool 1 7");
  refused("in.db", "id", kAll, "sqlite 1 number 7");
}

TEST_CASE_METHOD(SqliteSourceFixture, "every text but the empty one is above the beginning") {
  for (const std::string type : {"TEXT", "varchar(9)", "Clob", ""}) {
    INFO(type);
    run("DROP TABLE IF EXISTS t; CREATE TABLE t (id " + type +
        " PRIMARY KEY); INSERT INTO t VALUES ('#1'), ('+49'), ('-5'), ('a'), (' ')");
    CHECK(outline(read_all(*source(settings(kAll, "cursor: id\npoll: 0s")))) ==
          R"({"id":" "} {"id":"#1"} {"id":"+49"} {"id":"-5"} {"id":"a"} ^ $)");
  }
}

TEST_CASE_METHOD(SqliteSourceFixture, "more rows than one piece holds come in order, each once") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT "
      "i + 1 FROM n WHERE i < 2500) INSERT INTO t SELECT i FROM n");
  const auto all = read_all(*source(settings(kAll, "cursor: id\npoll: 0s")));
  REQUIRE(all.size() == 2502);
  for (std::size_t i = 0; i < 2500; ++i) {
    REQUIRE(all[i].bytes == fmt::format("{{\"id\":{}}}", i + 1));
  }
}

TEST_CASE_METHOD(SqliteSourceFixture, "rows that are added are found at the next look") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  auto rows = source(settings(kAll, "cursor: id\npoll: 1s"));
  CHECK(outline(read_all(*rows)) == "{\"id\":1} ^ ~");
  run("INSERT INTO t VALUES (5)");
  clock.time += std::chrono::milliseconds(999);
  CHECK(outline(read_all(*rows)) == "~");
  clock.time += std::chrono::milliseconds(1);
  CHECK(outline(read_all(*rows)) == "{\"id\":5} ~");
  CHECK(rows->drain());
  clock.time += std::chrono::seconds(1);
  CHECK(outline(read_all(*rows)) == "$");
}

TEST_CASE_METHOD(SqliteSourceFixture, "a database that is replaced by another is read on") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  auto rows = source(settings(kAll, "cursor: id\npoll: 1s"));
  CHECK(outline(read_all(*rows)) == "{\"id\":1} ^ ~");
  std::filesystem::copy(path("in.db"), path("new.db"));
  std::filesystem::rename(path("new.db"), path("in.db"));
  sqlite3_close(handle);
  REQUIRE(sqlite3_open(path("in.db").c_str(), &handle) == SQLITE_OK);
  run("INSERT INTO t VALUES (5)");
  clock.time += std::chrono::seconds(1);
  CHECK(outline(read_all(*rows)) == "{\"id\":5} ~");
}

TEST_CASE_METHOD(SqliteSourceFixture, "texts of a UTF-16 database are the texts they are") {
  run("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (id TEXT PRIMARY KEY, v, b); INSERT INTO t "
      "VALUES ('0001', 'name 1', x'00ff'), ('0002', '\u00e4\u20ac', NULL), ('0003', '', 7)");
  check_every_position(*this, sqlite_source(), settings(kAll, "cursor: id\npoll: 0s"));
  CHECK(outline(read_all(*source(settings(kAll, "cursor: id\npoll: 0s")))) ==
        "{\"id\":\"0001\",\"v\":\"name 1\",\"b\":\"AP8=\"} "
        "{\"id\":\"0002\",\"v\":\"\u00e4\u20ac\",\"b\":null} "
        "{\"id\":\"0003\",\"v\":\"\",\"b\":7} ^ $");
}

TEST_CASE_METHOD(SqliteSourceFixture, "no text of a cursor means that a query was given up") {
  run("CREATE TABLE t (id TEXT PRIMARY KEY); INSERT INTO t VALUES ('given up'), ('was given up')");
  check_every_position(*this, sqlite_source(), settings(kAll, "cursor: id\npoll: 0s"));
}

TEST_CASE_METHOD(SqliteSourceFixture, "a column can be the document, of any format") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, d); INSERT INTO t VALUES (1, '<a/>'), (2, "
      "x'7b7d'), (3, NULL), (4, 5)");
  const auto all = read_all(*source(settings(kAll, "cursor: id\npoll: 0s\ndocument: d")));
  CHECK(outline(all) == "<a/> {} ! ! ^ $");
  CHECK(all[0].format == Format::kXml);
  CHECK(all[1].format == Format::kJson);
  CHECK(all[2].reason == "expected text or a blob in column d, found nothing");
  CHECK(all[3].reason == "expected text or a blob in column d, found a number");
}

TEST_CASE_METHOD(SqliteSourceFixture, "a locked database is waited for, and said") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE");
  auto rows = source(settings(kAll, "cursor: id\npoll: 0s"));
  CHECK(outline(read_all(*rows)) == "~");
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0] ==
        "producer.source.sqlite: " + path("in.db") + ": another program writes to it; retry in 1s");
  run("INSERT INTO t VALUES (2); COMMIT");
  CHECK(outline(read_all(*rows)) == "~");
  clock.time += std::chrono::seconds(1);
  CHECK(outline(read_all(*rows)) == "{\"id\":1} {\"id\":2} ^ $");
}

TEST_CASE_METHOD(SqliteSourceFixture,
                 "a database whose writer was killed is waited for until it is opened again") {
  run("PRAGMA cache_size = 5; CREATE TABLE t (id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS "
      "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i, "
      "zeroblob(500) FROM n; DELETE FROM t WHERE id > 2; UPDATE t SET v = 'v'; BEGIN IMMEDIATE; "
      "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO "
      "t SELECT i, zeroblob(500) FROM n");
  // As it is on the disk now.
  std::filesystem::copy(path("in.db"), path("killed.db"));
  std::filesystem::copy(path("in.db-journal"), path("killed.db-journal"));
  auto rows = source("path: " + path("killed.db") + "\nquery: " + kAll + "\ncursor: id\npoll: 0s");
  CHECK(outline(read_all(*rows)) == "~");
  CHECK(log.lines == std::vector{"producer.source.sqlite: " + path("killed.db") +
                                 ": another program was killed while it wrote; what is there is "
                                 "read when it has been opened again; retry in 1s"});
  sqlite3* again = nullptr;
  REQUIRE(sqlite3_open(path("killed.db").c_str(), &again) == SQLITE_OK);
  CHECK(sqlite3_exec(again, "SELECT * FROM t", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(again);
  clock.time += std::chrono::seconds(1);
  CHECK(outline(read_all(*rows)) == R"({"id":1,"v":"v"} {"id":2,"v":"v"} ^ $)");
}

struct BadQuery {
  std::string query;
  std::string more;
  std::string error;  // behind the path
};
const std::vector<BadQuery> kBadQueries = {
    {"SELECT * FROM nowhere WHERE id > :cursor", "cursor: id", "no such table: nowhere"},
    {"SELECT * FROM t", "cursor: id",
     "expected a query that reads rows behind ':cursor', such as SELECT * FROM t WHERE id > "
     ":cursor ORDER BY id, found 'SELECT * FROM t'"},
    {"DELETE FROM t WHERE id > :cursor RETURNING id", "cursor: id",
     "expected a query that reads rows behind ':cursor', such as SELECT * FROM t WHERE id > "
     ":cursor ORDER BY id, found 'DELETE FROM t WHERE id > :cursor RETURNING id'"},
    {kAll, "cursor: number", "expected a column number in the rows of the query, found id, v"},
    {kAll, "cursor: id\ndocument: d", "expected a column d in the rows of the query, found id, v"},
};

TEST_CASE_METHOD(SqliteSourceFixture, "a query that cannot be followed is refused at once") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  for (const BadQuery& row : kBadQueries) {
    INFO(row.query);
    const auto opened = open(sqlite_source(), settings(row.query, row.more));
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error() ==
          config_error("producer.source.sqlite: " + path("in.db") + ": " + row.error));
  }
  std::filesystem::remove(path("in.db"));
  const auto missing = open(sqlite_source(), settings(kAll, "cursor: id"));
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error() ==
        config_error("producer.source.sqlite: " + path("in.db") +
                     ": expected a SQLite database, found no file; name one that is there"));
}

TEST_CASE_METHOD(SqliteSourceFixture,
                 "rows that are not in the order of the cursor end the source") {
  run("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (2), (1)");
  auto rows = source(settings("SELECT id FROM t WHERE id > :cursor", "cursor: id"));
  auto next = rows->peek();
  while (next && next->state == Source::State::kBusy) next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error() ==
        config_error("producer.source.sqlite: " + path("in.db") +
                     ": expected a whole number or text in id above 2, found 1; order the rows by "
                     "it, and ask for those above ':cursor'"));
}

TEST_CASE_METHOD(SqliteSourceFixture, "a table whose columns have changed ends the source") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 'A', 'B')");
  auto rows = source(settings(kAll, "cursor: id"));
  CHECK(outline(read_all(*rows)) == R"({"id":1,"a":"A","b":"B"} ^ ~)");
  run("ALTER TABLE t DROP COLUMN a; INSERT INTO t VALUES (2, 'B')");
  clock.time += std::chrono::seconds(1);
  const auto next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error() ==
        config_error("producer.source.sqlite: " + path("in.db") +
                     ": expected the columns id, a, b as before, found id, b; name the columns in "
                     "the query, or start again: rows that are on their way then differ from what "
                     "was sent"));
}

TEST_CASE_METHOD(SqliteSourceFixture, "a query that runs for long is neither waited for nor kept") {
  run("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  const std::string endless =
      "SELECT id, (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) "
      "FROM c WHERE x > t.id) AS n FROM t WHERE id > :cursor ORDER BY id";
  auto rows = source(settings(endless, "cursor: id"));
  for (int i = 0; i < 3; ++i) {
    const auto next = rows->peek();
    REQUIRE(next.ok());
    CHECK(next->state == Source::State::kBusy);
  }
  rows.reset();  // ends the query, or this test never ends
}

}  // namespace
}  // namespace docmill::test

// A database of the source `sqlite` that is replaced while it is read.
#include <algorithm>

#include "producer/sources/sources.h"
#include "tests/producer/sqlite_fixture.h"

namespace docmill::test {
namespace {

// A database that somebody copies or restores, in place of one that was read.
struct ReplacedFixture : SqliteSourceFixture {
  ReplacedFixture() {
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, v); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        "SELECT i + 1 FROM n WHERE i < 60) INSERT INTO t SELECT i, zeroblob(500) FROM n");
    rows = source(settings("SELECT id FROM t WHERE id > :cursor ORDER BY id", "cursor: id"));
    CHECK(read_all(*rows).size() == 62);
    run("INSERT INTO t VALUES (70, NULL)");
    std::ifstream file(path("in.db"), std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(file), {});
  }
  std::string look() {
    clock.time += std::chrono::seconds(1);
    return outline(read_all(*rows));
  }

  std::unique_ptr<Source> rows;
  std::string whole;  // the bytes of a later database
};

TEST_CASE_METHOD(ReplacedFixture,
                 "a database that is copied into its place is read when it is whole") {
  for (const bool in_place : {false, true}) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{4096}, whole.size() / 2}) {
      INFO(in_place << " " << bytes);
      ReplacedFixture fixture;
      if (!in_place) std::filesystem::rename(fixture.path("in.db"), fixture.path("old.db"));
      fixture.write("in.db", fixture.whole.substr(0, bytes));
      for (int looks = 0; looks < 5; ++looks) CHECK(fixture.look() == "~");
      const auto& said = fixture.log.lines;
      CHECK(std::count_if(said.begin(), said.end(), [](const std::string& line) {
              return line.ends_with("; retry in 1s");
            }) == 1);
      fixture.write("in.db", fixture.whole);
      CHECK(fixture.look() == "{\"id\":70} ~");
    }
  }
}

TEST_CASE_METHOD(ReplacedFixture, "a database that stays unreadable ends the source in the end") {
  std::filesystem::remove(path("in.db"));
  write("in.db", "");
  CHECK(look() == "~");
  clock.time += std::chrono::minutes(9);
  CHECK(look() == "~");
  clock.time += std::chrono::minutes(1);
  const auto next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error() ==
        config_error("producer.source.sqlite: " + path("in.db") + ": no such table: t"));
}

TEST_CASE_METHOD(ReplacedFixture,
                 "a source that starts while its database is restored waits for it") {
  const std::string all = settings("SELECT id FROM t WHERE id > :cursor ORDER BY id", "cursor: id");
  const std::string position = rows->position();
  for (const bool exists : {true, false}) {
    INFO(exists);
    std::filesystem::remove(path("in.db"));
    if (exists) write("in.db", "");
    rows = source(all, position);
    for (int looks = 0; looks < 5; ++looks) CHECK(look() == "~");
    write("in.db", whole);
    CHECK(look() == "{\"id\":70} ^ ~");
  }
  std::filesystem::remove(path("in.db"));
  rows = source(all, position);
  CHECK(look() == "~");
  clock.time += std::chrono::minutes(10);
  const auto next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error().code == ErrorCode::kConfig);
  // Its query has never worked: nothing tells a restored database from a wrong path.
  CHECK_FALSE(open(sqlite_source(), all).ok());
}

struct ColumnFixture : SqliteSourceFixture {
  ColumnFixture() {
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, body); INSERT INTO t VALUES (1, 'a')");
  }
  std::string column(const std::string& name) const {
    return settings(kAll, "cursor: id\ndocument: " + name);
  }
  std::string missing(const std::string& name, const std::string& found) const {
    return "producer.source.sqlite: " + path("in.db") + ": expected a column " + name +
           " in the rows of the query, found " + found;
  }
};

TEST_CASE_METHOD(ColumnFixture,
                 "no row is read from another database without the column of the documents") {
  auto rows = source(column("body"));
  CHECK(outline(read_all(*rows)) == "a ^ ~");
  const auto replace = [&](const std::string& name) {
    std::filesystem::remove(path("in.db"));
    sqlite3_close(handle);
    REQUIRE(sqlite3_open(path("in.db").c_str(), &handle) == SQLITE_OK);
    run("CREATE TABLE t (id INTEGER PRIMARY KEY, " + name + "); INSERT INTO t VALUES (2, 'b')");
    clock.time += std::chrono::seconds(1);
  };
  replace("payload");
  CHECK(outline(read_all(*rows)) == "~");
  CHECK(log.lines.back() == missing("body", "id, payload") + "; retry in 1s");
  CHECK(rows->position() != "");
  replace("body");
  CHECK(outline(read_all(*rows)) == "b ~");
  replace("payload");
  CHECK(outline(read_all(*rows)) == "~");
  clock.time += std::chrono::minutes(10);
  const auto next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error() == config_error(missing("body", "id, payload")));
}

TEST_CASE_METHOD(ColumnFixture,
                 "a misspelt column of a database that was locked makes no document") {
  run("BEGIN EXCLUSIVE");
  auto rows = source(column("boddy"));
  CHECK(outline(read_all(*rows)) == "~");
  run("COMMIT");
  clock.time += std::chrono::seconds(1);
  const auto next = rows->peek();
  REQUIRE_FALSE(next.ok());
  CHECK(next.error() == config_error(missing("boddy", "id, body")));
}

}  // namespace
}  // namespace docmill::test

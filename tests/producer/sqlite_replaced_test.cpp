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

}  // namespace
}  // namespace docmill::test

// What runs out and comes back - descriptors, memory - changes nothing and ends nothing.
#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>

#include "shared/store/database.h"
#include "shared/store/folder.h"
#include "shared/store/sqlite_failure.h"
#include "tests/store/no_files.h"
#include "tests/store/spool_fixture.h"

namespace docmill {
namespace {

TEST_CASE_METHOD(SpoolFixture, "a spool without descriptors rolls its segment when it has some") {
  limits.segment = Bytes{100};
  std::optional<Spool> spool(open());
  Records written;
  for (int round = 0; round < 3; ++round) {
    {
      const NoFiles none;
      for (int i = 0; i < 4; ++i) {
        const std::string text = fmt::format("{} of round {}, thirty bytes long", i, round);
        written[put(*spool, text)] = text;  // the segment is full, and stays the one in use
      }
    }
    CHECK(files().size() == static_cast<std::size_t>(round) + 1);
    const std::string text = fmt::format("with descriptors in round {}", round);
    written[put(*spool, text)] = text;
    CHECK(files().size() == static_cast<std::size_t>(round) + 2);
  }
  CHECK(read_all(*spool) == written);
  spool.reset();
  spool = open();
  CHECK(read_all(*spool) == written);
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(SpoolFixture, "a spool without descriptors forgets and reads later") {
  limits.segment = Bytes{100};
  Spool spool = open();
  std::uint64_t last = 0;
  for (int i = 0; i < 6; ++i) last = put(spool, std::string(30, 'a'));
  const std::size_t before = files().size();
  {
    const NoFiles none;
    const auto read = spool.read(0);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == ErrorCode::kUnavailable);
    CHECK(read.error().text.ends_with(": open: too many open files"));
    const auto forgotten = spool.forget(last);
    REQUIRE_FALSE(forgotten.ok());
    CHECK(forgotten.error() == unavailable(path() + ": open folder: too many open files"));
  }
  REQUIRE(spool.forget(last).ok());
  CHECK(files().size() < before);
}

TEST_CASE("a shared database without descriptors commits nothing, and all of it later") {
  const TempFolder folder;
  const std::string path = folder / "rows.db";
  auto database = Database::open_shared(real_disk(), path);
  REQUIRE(database.ok());
  const auto insert = [&](int number) {
    return database->transaction([&](Transaction& transaction) {
      transaction.run("CREATE TABLE IF NOT EXISTS rows (number INTEGER)");
      transaction.run("INSERT INTO rows VALUES (?)", {static_cast<std::uint64_t>(number)});
    });
  };
  REQUIRE(insert(1).ok());
  {
    const NoFiles none;
    const auto refused = insert(2);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error() == unavailable(path + ": open: too many open files"));
  }
  REQUIRE(insert(3).ok());
  std::uint64_t sum = 0;
  REQUIRE(database
              ->transaction([&](Transaction& transaction) {
                transaction.read("SELECT sum(number) FROM rows",
                                 [&](const SqlRow& row) { sum = row.number(0); });
              })
              .ok());
  CHECK(sum == 4);
}

TEST_CASE("a folder that cannot be opened for want of descriptors is not a wrong setting") {
  const TempFolder folder;
  const NoFiles none;
  CHECK(sync_folder(real_disk(), folder.path()).error() ==
        unavailable(folder.path().string() + ": open folder: too many open files"));
  CHECK(make_folder(real_disk(), folder / "a/b", 0700).error().code == ErrorCode::kUnavailable);
}

TEST_CASE("a result of SQLite is judged by the errno behind it, but a failed sync is final") {
  CHECK(sqlite_failure(SQLITE_CANTOPEN, EMFILE) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_CANTOPEN, EACCES) == Failure::kSetting);
  CHECK(sqlite_failure(SQLITE_IOERR_WRITE, ENOSPC) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_IOERR_WRITE, EIO) == Failure::kDisk);
  CHECK(sqlite_failure(SQLITE_IOERR_READ, EIO) == Failure::kDisk);
  CHECK(sqlite_failure(SQLITE_IOERR_FSYNC, ENOSPC) == Failure::kDisk);
  CHECK(sqlite_failure(SQLITE_IOERR_NOMEM, 0) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_IOERR_LOCK, ENOLCK) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_IOERR_SHORT_READ, 0) == Failure::kDisk);
  CHECK(sqlite_failure(SQLITE_NOMEM, 0) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_FULL, 0) == Failure::kTransient);
  CHECK(sqlite_failure(SQLITE_CORRUPT, 0) == Failure::kDisk);
  CHECK(sqlite_failure(SQLITE_CONSTRAINT_CHECK, 0) == Failure::kSetting);
}

}  // namespace
}  // namespace docmill

#include "shared/store/database.h"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>

#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

constexpr DatabaseFormat kFormat{
    .kind = "a list",
    .application = 77,
    .version = 3,
    .tables = "CREATE TABLE items (number INTEGER, text TEXT) STRICT;",
};

Database open_new(const std::string& path) {
  auto opened = Database::open(real_disk(), path, kFormat);
  REQUIRE(opened.ok());
  return std::move(*opened);
}

Result<void> insert(Database& database, std::uint64_t number, const std::string& text) {
  return database.transaction([&](Transaction& transaction) {
    transaction.run("INSERT INTO items VALUES (?, ?)", {number, text});
  });
}

std::vector<std::pair<std::uint64_t, std::string>> items(Database& database) {
  std::vector<std::pair<std::uint64_t, std::string>> found;
  REQUIRE(database
              .transaction([&](Transaction& transaction) {
                transaction.read(
                    "SELECT number, text FROM items ORDER BY rowid",
                    [&](const SqlRow& row) { found.emplace_back(row.number(0), row.text(1)); });
              })
              .ok());
  return found;
}

TEST_CASE("numbers keep all of their bits and texts all of their bytes") {
  const TempFolder folder;
  const std::vector<std::pair<std::uint64_t, std::string>> values = {
      {0, ""}, {~0ULL, std::string("a\0b", 3)}, {1ULL << 63, "\xff\xfe no utf-8"}, {5, "ü"}};
  {
    Database database = open_new(folder / "x.db");
    for (const auto& [number, text] : values) REQUIRE(insert(database, number, text).ok());
  }
  Database database = open_new(folder / "x.db");
  CHECK(items(database) == values);
}

TEST_CASE("a transaction that ends with an error has changed nothing, and takes no further steps") {
  const TempFolder folder;
  Database database = open_new(folder / "x.db");
  REQUIRE(insert(database, 1, "kept").ok());
  const auto failed = database.transaction([](Transaction& transaction) {
    transaction.run("DELETE FROM items");
    transaction.fail(malformed("first"));
    transaction.fail(malformed("second"));
    transaction.run("this is not SQL");
  });
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error() == malformed("first"));
  CHECK(items(database).size() == 1);
  CHECK(insert(database, 2, "goes on").ok());
}

TEST_CASE("after a commit without room the next one writes over the log") {
  const TempFolder folder;
  Database database = open_new(folder / "x.db");
  for (int i = 0; i < 20; ++i) REQUIRE(insert(database, 1, std::string(1000, 'x')).ok());
  {
    FaultyDisk disk;
    disk.fail_next(DiskCall::kWrite, ENOSPC);
    const auto failed = insert(database, 2, "no room");
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error().code == ErrorCode::kUnavailable);
  }
  const auto size = std::filesystem::file_size(folder / "x.db-wal");
  for (int i = 0; i < 5; ++i) REQUIRE(insert(database, 3, "there is room").ok());
  CHECK(std::filesystem::file_size(folder / "x.db-wal") == size);
  CHECK(items(database).size() == 25);
}

TEST_CASE("a second program is refused while the first has the file open") {
  const TempFolder folder;
  const Database first = open_new(folder / "x.db");
  const auto second = Database::open(real_disk(), folder / "x.db", kFormat);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        unavailable(folder / "x.db" + ": another program has it open; close it there"));
}

TEST_CASE("the log is folded into the file while the database lives, and at its end") {
  const TempFolder folder;
  {
    Database database = open_new(folder / "x.db");
    FaultyDisk disk;
    disk.skip_syncs();
    for (std::uint64_t i = 0; i < 3000; ++i) {
      REQUIRE(insert(database, i, std::string(2000, 'x')).ok());
    }
    CHECK(std::filesystem::file_size(folder / "x.db-wal") < (6U << 20));
    CHECK(std::filesystem::file_size(folder / "x.db") > (4U << 20));
    CHECK_FALSE(std::filesystem::exists(folder / "x.db-shm"));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "x.db-wal"));
}

TEST_CASE("what a dead process wrote and did not sync is synced before it is shown") {
  const TempFolder folder;
  const auto work = [&](const auto&) {
    Database database = open_new(folder / "x.db");
    static_cast<void>(insert(database, 1, "one"));
    _exit(0);  // leaves the log
  };
  crash_at(1'000'000, Loss::kNothing, 0, work);
  REQUIRE(std::filesystem::file_size(folder / "x.db-wal") > 0);
  Database database = open_new(folder / "x.db");
  CHECK(std::filesystem::file_size(folder / "x.db-wal") == 0);
  CHECK(items(database).size() == 1);
}

TEST_CASE("a full disk changes nothing and is waited for") {
  const TempFolder folder;
  Database database = open_new(folder / "x.db");
  REQUIRE(insert(database, 1, "kept").ok());
  const std::string large(500'000, 'x');
  {
    const LimitedFileSize limited(200'000);
    const auto full = insert(database, 2, large);
    REQUIRE_FALSE(full.ok());
    CHECK(full.error() == unavailable(folder / "x.db" + ": write: file too large"));
    CHECK(items(database).size() == 1);
  }
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = insert(database, 2, large);
  REQUIRE_FALSE(full.ok());
  CHECK(full.error() == unavailable(folder / "x.db" + ": write: no space left on device"));
  CHECK(insert(database, 2, large).ok());
  CHECK(items(database).size() == 2);
}

TEST_CASE("a full disk while the log is folded changes nothing and is waited for") {
  const TempFolder folder;
  Database database = open_new(folder / "x.db");
  FaultyDisk disk;
  disk.skip_syncs();
  std::uint64_t number = 0;
  // As many pages that are new to the file are folded.
  while (std::filesystem::file_size(folder / "x.db-wal") < 32 * 4120) {
    REQUIRE(insert(database, number++, std::string(50'000, 'x')).ok());
  }
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = insert(database, number, "more");
  REQUIRE_FALSE(full.ok());
  CHECK(full.error() == unavailable(folder / "x.db" + ": write: no space left on device"));
  CHECK(insert(database, number, "more").ok());
  CHECK(items(database).size() == number + 1);
}

TEST_CASE("a disk that fails ends the process") {
  for (const DiskCall call : {DiskCall::kWrite, DiskCall::kSync}) {
    const TempFolder folder;
    Database database = open_new(folder / "x.db");
    FaultyDisk disk;
    disk.fail_next(call, EIO);
    const auto failed = insert(database, 1, "x");
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error() ==
          corrupt(folder / "x.db" +
                  ": disk I/O error (input/output error); check the disk, then start again"));
  }
  // Also one that is full only when it is asked to sync: what it dropped is not known.
  const TempFolder folder;
  Database database = open_new(folder / "x.db");
  FaultyDisk disk;
  disk.fail_next(DiskCall::kSync, ENOSPC);
  const auto failed = insert(database, 1, "x");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error().code == ErrorCode::kCorrupt);
}

struct Damage {
  const char* name;
  void (*make)(const std::string& path);
  std::string text;  // behind the path
};

// A file with a few pages of items.
void make_list(const std::string& path) {
  Database database = open_new(path);
  REQUIRE(insert(database, 1, std::string(20'000, 'x')).ok());
  for (std::uint64_t i = 0; i < 300; ++i) REQUIRE(insert(database, i, "item").ok());
}

void overwrite(const std::string& path, std::streamoff offset, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(offset);
  file << bytes;
}

const std::vector<Damage> kDamages = {
    {.name = "text",
     .make = [](const std::string& path) { write_file(path, std::string(5000, 'x')); },
     .text = ": damaged: file is not a database; check the disk, then start over with --fresh"},
    {.name = "zeros",
     .make = [](const std::string& path) { write_file(path, std::string(8192, '\0')); },
     .text = ": damaged: file is not a database; check the disk, then start over with --fresh"},
    {.name = "cut off",
     .make =
         [](const std::string& path) {
           make_list(path);
           std::filesystem::resize_file(path, 3 * 4096);
         },
     .text = ": damaged: database disk image is malformed; check the disk, then start over with "
             "--fresh"},
    {.name = "a page overwritten",
     .make =
         [](const std::string& path) {
           make_list(path);
           overwrite(path, 4096, std::string(200, '\x7f'));
         },
     .text = ": damaged: database disk image is malformed; check the disk, then start over with "
             "--fresh"},
    {.name = "another program's",
     .make =
         [](const std::string& path) {
           DatabaseFormat other = kFormat;
           other.application = 78;
           REQUIRE(Database::open(real_disk(), path, other).ok());
         },
     .text = ": expected a list, found another program's database; move it away"},
    {.name = "of a later version",
     .make =
         [](const std::string& path) {
           DatabaseFormat later = kFormat;
           later.version = 4;
           REQUIRE(Database::open(real_disk(), path, later).ok());
         },
     .text = ": expected a list of format 3, found format 4; use the docmill that wrote it, or "
             "start over with --fresh"},
};

TEST_CASE("a file that is damaged or not ours is refused and left as it is") {
  for (const Damage& damage : kDamages) {
    INFO(damage.name);
    const TempFolder folder;
    damage.make(folder / "x.db");
    const std::string before = read_file(folder / "x.db");
    const auto opened = Database::open(real_disk(), folder / "x.db", kFormat);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error() == corrupt(folder / "x.db" + damage.text));
    CHECK((read_file(folder / "x.db") == before));
  }
}

TEST_CASE("an empty file, left by a process that died early, is a new database") {
  const TempFolder folder;
  write_file(folder / "x.db", "");
  Database database = open_new(folder / "x.db");
  CHECK(insert(database, 1, "x").ok());
}

TEST_CASE("a database that cannot be opened is named with its reason and cure") {
  const TempFolder folder;
  write_file(folder / "file", "x");
  std::filesystem::create_directory(folder / "folder");
  const std::string cure = "; let this user write there, or name another state folder";
  const auto below = Database::open(real_disk(), folder / "file/x.db", kFormat);
  REQUIRE_FALSE(below.ok());
  CHECK(below.error() == config_error(folder / "file/x.db" + ": open: not a directory" + cure));
  const auto is_folder = Database::open(real_disk(), folder / "folder", kFormat);
  REQUIRE_FALSE(is_folder.ok());
  CHECK(is_folder.error() == config_error(folder / "folder" + ": open: is a directory" + cure));
}

}  // namespace
}  // namespace docmill

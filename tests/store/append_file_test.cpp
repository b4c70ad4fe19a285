#include "shared/store/append_file.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

#include "tests/store/faulty_disk.h"
#include "tests/store/limited_file_size.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

AppendFile open_new(const std::string& path) {
  auto opened = AppendFile::open(real_disk(), path, std::nullopt);
  REQUIRE(opened.ok());
  return std::move(*opened);
}

void append(AppendFile& file, std::string_view bytes) {
  file.append(bytes);
  REQUIRE(file.sync().ok());
}

TEST_CASE("nothing is in the file before sync, all of the group after it") {
  const TempFolder folder;
  AppendFile file = open_new(folder / "a/b/out.ndjson");
  CHECK(file.length() == 0);
  file.append("one\n");
  file.append("two\n");
  CHECK(read_file(file.path()).empty());
  CHECK(file.mark() == FileMark{file.path(), 0});
  REQUIRE(file.sync().ok());
  CHECK(read_file(file.path()) == "one\ntwo\n");
  CHECK(file.mark() == FileMark{file.path(), 8});
  REQUIRE(file.sync().ok());
  append(file, "three\n");
  CHECK(read_file(file.path()) == "one\ntwo\nthree\n");
}

struct Opened {
  const char* name;
  std::optional<std::uint64_t> committed;
  std::optional<std::string> content;  // none: there is no file
  std::uint64_t uncommitted = 0;
  std::string error;  // behind the path; empty: it opens
};
const std::vector<Opened> kOpened = {
    {.name = "new", .committed = {}, .content = {}, .uncommitted = 0, .error = ""},
    {.name = "unknown, empty", .committed = {}, .content = "", .uncommitted = 0, .error = ""},
    {.name = "unknown",
     .committed = {},
     .content = "abcd",
     .uncommitted = 0,
     .error = ": 4 bytes that this sink's ledger does not know; put back the state folder that it "
              "belongs to, or move it away"},
    {.name = "committed empty, gone", .committed = 0, .content = {}, .uncommitted = 0, .error = ""},
    {.name = "committed empty", .committed = 0, .content = "ab", .uncommitted = 2, .error = ""},
    {.name = "as committed", .committed = 4, .content = "abcd", .uncommitted = 0, .error = ""},
    {.name = "longer", .committed = 3, .content = "abcdefg", .uncommitted = 4, .error = ""},
    {.name = "shorter",
     .committed = 1234,
     .content = "abcdefghijkl",
     .uncommitted = 0,
     .error = ": expected at least 1234 bytes, found 12; it was changed behind docmill's back; put "
              "the whole file back, or start over with --fresh"},
    {.name = "gone",
     .committed = 4,
     .content = {},
     .uncommitted = 0,
     .error = ": expected at least 4 bytes, found no file; it was changed behind docmill's back; "
              "put the whole file back, or start over with --fresh"},
};

TEST_CASE("opening a file changes none of its bytes, whatever the ledger knows") {
  for (const Opened& row : kOpened) {
    INFO(row.name);
    const TempFolder folder;
    const std::string path = folder / "out.ndjson";
    if (row.content) write_file(path, *row.content);
    auto opened = AppendFile::open(real_disk(), path, row.committed);
    REQUIRE(opened.ok() == row.error.empty());
    if (opened.ok()) {
      CHECK(opened->uncommitted() == row.uncommitted);
      CHECK(opened->length() == row.committed.value_or(0));
      CHECK(opened->keeps_uncommitted() == (row.uncommitted > 0));
      // A commit of others says nothing of the ledger.
      REQUIRE(opened->sync().ok());
      CHECK(read_file(path) == row.content.value_or(""));
      opened->on_current_ledger();
      REQUIRE(opened->sync().ok());
      CHECK(read_file(path) == row.content.value_or("").substr(0, row.committed.value_or(0)));
    } else {
      CHECK(opened.error() == corrupt(path + row.error));
      CHECK(std::filesystem::exists(path) == row.content.has_value());
      CHECK(read_file(path) == row.content.value_or(""));
    }
  }
}

TEST_CASE("what is written after a cut stands where the cut was") {
  const TempFolder folder;
  write_file(folder / "out.ndjson", "one\ntwo, not committed");
  auto opened = AppendFile::open(real_disk(), folder / "out.ndjson", 4);
  REQUIRE(opened.ok());
  append(*opened, "2\n");
  CHECK(read_file(opened->path()) == "one\n2\n");
}

TEST_CASE("a file has one writer") {
  const TempFolder folder;
  const AppendFile first = open_new(folder / "out.ndjson");
  const auto second = AppendFile::open(real_disk(), folder / "out.ndjson", 0);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        config_error(folder / "out.ndjson" +
                     ": another process writes to it; give each sink its own file"));
}

TEST_CASE("what is not a file, or cannot be made, is refused with the cure") {
  const TempFolder folder;
  write_file(folder / "file", "x");
  std::filesystem::create_directory(folder / "folder");
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  struct Refused {
    std::string path;
    std::string text;
  };
  const std::vector<Refused> refused = {
      {.path = folder / "file/out.ndjson",
       .text = folder / "file" +
               ": create folder: not a directory; let this user write there, or name "
               "another folder"},
      {.path = folder / "folder",
       .text = folder / "folder" + ": open: is a directory; let this user write there, or name "
                                   "another file"},
      {.path = folder / "pipe",
       .text = folder / "pipe" + ": open: no such device or address; let this user write there, or "
                                 "name another file"},
      {.path = "/dev/null",
       .text = "/dev/null: expected a file, found a device or pipe; name another file"},
  };
  for (const Refused& row : refused) {
    const auto opened = AppendFile::open(real_disk(), row.path, std::nullopt);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error() == config_error(row.text));
  }
}

TEST_CASE(
    "a group that finds no room leaves the file as it was, and is written when there is room") {
  const TempFolder folder;
  AppendFile file = open_new(folder / "out.ndjson");
  const std::string kept(60, 'a');
  const std::string group(123, 'b');
  append(file, kept);
  file.append(group);
  {
    const LimitedFileSize limited(100);  // 40 of the 123 bytes have room
    for (int attempt = 0; attempt < 2; ++attempt) {
      const auto full = file.sync();
      REQUIRE_FALSE(full.ok());
      CHECK(full.error() == unavailable(file.path() + ": append 123 bytes: file too large"));
      CHECK(read_file(file.path()) == kept);
      CHECK(file.length() == 60);
    }
  }
  file.append("c");
  REQUIRE(file.sync().ok());
  CHECK(read_file(file.path()) == kept + group + "c");
}

TEST_CASE("no room on the device or in the quota is waited for") {
  const TempFolder folder;
  AppendFile file = open_new(folder / "out.ndjson");
  FaultyDisk disk;
  file.append(std::string(123, 'a'));
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = file.sync();
  REQUIRE_FALSE(full.ok());
  CHECK(full.error() == unavailable(file.path() + ": append 123 bytes: no space left on device"));
  disk.fail_next(DiskCall::kWrite, EDQUOT);
  const auto quota = file.sync();
  REQUIRE_FALSE(quota.ok());
  CHECK(quota.error() == unavailable(file.path() + ": append 123 bytes: disk quota exceeded"));
  CHECK(file.sync().ok());
  CHECK(file.length() == 123);
}

TEST_CASE("writes that take a part, or are interrupted, are carried on") {
  const TempFolder folder;
  AppendFile file = open_new(folder / "out.ndjson");
  FaultyDisk disk;
  disk.write_at_most(7);
  disk.fail_next(DiskCall::kWrite, EINTR);
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += fmt::format("{}\n", i);
  append(file, bytes);
  CHECK(read_file(file.path()) == bytes);
}

struct Broken {
  DiskCall call;
  int error_number;
  const char* text;
};
const std::vector<Broken> kBroken = {
    {.call = DiskCall::kWrite,
     .error_number = EIO,
     .text = ": append: input/output error; check the disk, then start again"},
    {.call = DiskCall::kWrite,
     .error_number = EROFS,
     .text = ": append: read-only file system; check the disk, then start again"},
    {.call = DiskCall::kSync,
     .error_number = EIO,
     .text = ": sync: input/output error; check the disk, then start again"},
    {.call = DiskCall::kSync,
     .error_number = ENOSPC,
     .text = ": sync: no space left on device; check the disk, then start again"},
};

TEST_CASE("a disk that did not do it is never asked again") {
  for (const Broken& row : kBroken) {
    const TempFolder folder;
    AppendFile file = open_new(folder / "out.ndjson");
    file.append("x");
    FaultyDisk disk;
    disk.fail_next(row.call, row.error_number);
    const auto failed = file.sync();
    REQUIRE_FALSE(failed.ok());
    CHECK(failed.error() == corrupt(file.path() + row.text));
    CHECK(file.length() == 0);
  }
}

}  // namespace
}  // namespace docmill

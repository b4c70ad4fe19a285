// Files that somebody moves, removes or cuts while they are appended to.
#include <fmt/format.h>

#include <functional>

#include "shared/store/append_file.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

struct Meddling {
  const char* name;
  std::function<void(const std::string& path)> act;
  // What is found: before the group, before its write and before its sync.
  std::string before_group;
  std::string before_write;
  std::string before_sync;
};

void move_away(const std::string& path) { std::filesystem::rename(path, path + ".1"); }

const std::vector<Meddling> kMeddling = {
    {"mv", move_away, "no file", "no file", "no file"},
    {"rm", [](const std::string& path) { std::filesystem::remove(path); }, "no file", "no file",
     "no file"},
    {"logrotate, create",
     [](const std::string& path) {
       move_away(path);
       write_file(path, "");
     },
     "0", "0", "0"},
    {"mv of a larger file to the path",
     [](const std::string& path) {
       move_away(path);
       write_file(path, std::string(100, 'x'));
     },
     "another file", "another file", "another file"},
    {"logrotate, copytruncate",
     [](const std::string& path) {
       std::filesystem::copy_file(path, path + ".1");
       std::filesystem::resize_file(path, 0);
     },
     "0", "other bytes", "0"},
};

struct Moment {
  const char* name;
  std::function<void(FaultyDisk& disk, std::function<void()> act)> plan;
  std::string Meddling::*found;
  std::uint64_t expected;
};

const std::vector<Moment> kMoments = {
    {"before the group", [](FaultyDisk&, const std::function<void()>& act) { act(); },
     &Meddling::before_group, 4},
    {"before its write",
     [](FaultyDisk& disk, std::function<void()> act) {
       disk.before_next(DiskCall::kWrite, std::move(act));
     },
     &Meddling::before_write, 9},
    {"before its sync",
     [](FaultyDisk& disk, std::function<void()> act) {
       disk.before_next(DiskCall::kSync, std::move(act));
     },
     &Meddling::before_sync, 9},
};

TEST_CASE("a group that is not in the file at the path is never durable, whoever meddles when") {
  for (const Meddling& meddling : kMeddling) {
    for (const Moment& moment : kMoments) {
      INFO(meddling.name << " " << moment.name);
      const TempFolder folder;
      const std::string path = folder / "out.ndjson";
      FaultyDisk disk;
      auto file = AppendFile::open(real_disk(), path, std::nullopt);
      REQUIRE(file.ok());
      file->append("one\n");
      REQUIRE(file->sync().ok());
      file->append("two2\n");
      moment.plan(disk, [&] { meddling.act(path); });
      const auto synced = file->sync();
      REQUIRE_FALSE(synced.ok());
      const std::string& found = meddling.*moment.found;
      const std::uint64_t expected = found == "other bytes" ? 4 : moment.expected;
      CHECK(synced.error() ==
            corrupt(fmt::format(
                "{}: expected the file that is appended to, with at least {} bytes, got {}; put "
                "the whole file back, or name another path; use 'rotate' to rotate an output",
                path, expected, found)));
      CHECK(file->length() == 4);
      // Only a copy keeps what is going to be written again.
      const bool is_copy = meddling.before_write == "other bytes";
      if (std::filesystem::exists(path + ".1") && !is_copy) {
        CHECK(read_file(path + ".1") == "one\n");
      }
    }
  }
}

TEST_CASE("what moves a file after its group takes the group along, and the next one is refused") {
  const TempFolder folder;
  const std::string path = folder / "out.ndjson";
  auto file = AppendFile::open(real_disk(), path, std::nullopt);
  REQUIRE(file.ok());
  file->append("one\n");
  REQUIRE(file->sync().ok());
  move_away(path);
  CHECK(file->sync().ok());  // no group
  CHECK(read_file(path + ".1") == "one\n");
  file->append("two\n");
  CHECK_FALSE(file->sync().ok());
  CHECK(read_file(path + ".1") == "one\n");
}

TEST_CASE("a file that was moved before its first group keeps what was not committed") {
  const TempFolder folder;
  const std::string path = folder / "out.ndjson";
  write_file(path, "one\ntwo\n");
  auto file = AppendFile::open(real_disk(), path, 4);
  REQUIRE(file.ok());
  file->on_current_ledger();
  move_away(path);
  CHECK_FALSE(file->sync().ok());
  CHECK(read_file(path + ".1") == "one\ntwo\n");
}

}  // namespace
}  // namespace docmill

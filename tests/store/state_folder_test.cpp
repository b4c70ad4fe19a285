#include "shared/store/state_folder.h"

#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>

#include "shared/store/folder.h"
#include "tests/store/faulty_disk.h"
#include "tests/store/print.h"
#include "tests/store/temp_folder.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

TEST_CASE("a state folder is made with those above it, for this user alone") {
  const TempFolder folder;
  const auto opened = StateFolder::open(real_disk(), folder / "a/state", "p1");
  REQUIRE(opened.ok());
  CHECK(opened->name() == "p1");
  CHECK(opened->path() == folder / "a/state/p1");
  struct stat found {};
  REQUIRE(stat(opened->path().c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
}

TEST_CASE("a folder that is there already is synced, too: who made it may not have done so") {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "state/sockets");
  std::filesystem::create_directories(folder / "state/p1");
  const std::filesystem::path path = folder / "state/p1";
  const auto folders_above = static_cast<int>(std::distance(path.begin(), path.end())) - 1;
  for (int call = 1; call <= folders_above + 1; ++call) {
    const Ended ended = crash_at(call, Loss::kNothing, 1, [&](const auto& acknowledge) {
      if (make_folder(real_disk(), path, 0700).ok()) acknowledge();
    });
    CHECK(ended.crashed == (call <= folders_above));
    CHECK(ended.acknowledged == (ended.crashed ? 0 : 1));
  }
}

TEST_CASE("who looks for a state folder makes none, syncs none, and locks the one it finds") {
  const TempFolder folder;
  const auto missing = StateFolder::find(real_disk(), folder / "state", "p1");
  REQUIRE(missing.ok());
  CHECK_FALSE(missing->has_value());
  CHECK_FALSE(std::filesystem::exists(folder / "state"));

  REQUIRE(StateFolder::open(real_disk(), folder / "state", "p1").ok());
  FaultyDisk disk;
  disk.fail_next(DiskCall::kSync, EIO);
  const auto found = StateFolder::find(real_disk(), folder / "state", "p1");
  REQUIRE(found.ok());
  REQUIRE(found->has_value());
  CHECK_FALSE(StateFolder::find(real_disk(), folder / "state", "p1").ok());
}

TEST_CASE("folders for sockets and logs are made without a sync") {
  const TempFolder folder;
  FaultyDisk disk;
  disk.fail_next(DiskCall::kSync, EIO);
  CHECK(make_folder_unsynced(real_disk(), folder / "state/logs", 0700).ok());
  CHECK(std::filesystem::is_directory(folder / "state/logs"));
}

TEST_CASE("above a folder that is there, a disk may know no syncs but must not fail") {
  const TempFolder folder;
  for (const int error_number : {EINVAL, EROFS}) {
    FaultyDisk disk;
    disk.fail_next(DiskCall::kSync, error_number);
    CHECK(make_folder(real_disk(), folder.path(), 0700).ok());
  }
  FaultyDisk disk;
  disk.fail_next(DiskCall::kSync, EIO);
  CHECK(make_folder(real_disk(), folder.path(), 0700).error() ==
        corrupt("/: sync folder: input/output error; check the disk, then start again"));
}

TEST_CASE("a second daemon is kept out of a state folder, and told who is in") {
  const TempFolder folder;
  std::optional<Result<StateFolder>> first = StateFolder::open(real_disk(), folder.path(), "p1");
  REQUIRE(first->ok());
  const auto second = StateFolder::open(real_disk(), folder.path(), "p1");
  REQUIRE_FALSE(second.ok());
  CHECK(second.error() ==
        config_error(
            fmt::format("{}: in use by process {}; stop it first, or give this daemon another name",
                        folder / "p1", getpid())));
  CHECK(StateFolder::open(real_disk(), folder.path(), "p2").ok());
  first.reset();
  CHECK(StateFolder::open(real_disk(), folder.path(), "p1").ok());
}

TEST_CASE("a holder that has not written itself down yet is another process") {
  const TempFolder folder;
  const auto first = StateFolder::open(real_disk(), folder.path(), "p1");
  REQUIRE(first.ok());
  for (const char* text : {"", "\n", "12", "who?\n"}) {
    write_file(folder / "p1/lock", text);
    const auto second = StateFolder::open(real_disk(), folder.path(), "p1");
    REQUIRE_FALSE(second.ok());
    const std::string who = std::string(text) == "12" ? "process 12" : "another process";
    CHECK(second.error().text == fmt::format("{}: in use by {}; stop it first, or give this daemon "
                                             "another name",
                                             folder / "p1", who));
  }
}

TEST_CASE("a program that the daemon has started does not hold the lock for it") {
  const TempFolder folder;
  std::optional<Result<StateFolder>> first = StateFolder::open(real_disk(), folder.path(), "p1");
  REQUIRE(first->ok());
  std::FILE* program = popen("cat >/dev/null", "w");  // runs until we close our end
  REQUIRE(program != nullptr);
  first.reset();
  CHECK(StateFolder::open(real_disk(), folder.path(), "p1").ok());
  pclose(program);
}

struct Unusable {
  const char* state;
  const char* text;  // behind the folder's name
};
const std::vector<Unusable> kUnusable = {
    {.state = "file",
     .text = "/file: create folder: not a directory; let this user write there, or name another "
             "folder"},
    {.state = "taken",
     .text =
         "/taken/p1: create folder: not a directory; let this user write there, or name another "
         "folder"},
    {.state = "lock-is-a-folder",
     .text = "/lock-is-a-folder/p1/lock: open: is a directory; let this user write there, or name "
             "another state folder"},
};

TEST_CASE("a folder that cannot be used is named with its reason and cure") {
  const TempFolder folder;
  write_file(folder / "file", "x");
  std::filesystem::create_directories(folder / "taken");
  write_file(folder / "taken/p1", "x");
  std::filesystem::create_directories(folder / "lock-is-a-folder/p1/lock");
  for (const Unusable& row : kUnusable) {
    const auto opened = StateFolder::open(real_disk(), folder / row.state, "p1");
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().code == ErrorCode::kConfig);
    CHECK(opened.error().text == folder.path().string() + row.text);
  }
}

TEST_CASE("a lock is taken on a full disk, without the number of its process") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "p1");
  write_file(folder / "p1/lock", "1\n");
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  const auto full = StateFolder::open(real_disk(), folder.path(), "p1");
  CHECK(full.ok());
  CHECK(std::filesystem::is_empty(folder / "p1/lock"));
}

TEST_CASE("a disk that does not sync the name of a state folder is an error") {
  const TempFolder folder;
  FaultyDisk disk;
  disk.fail_next(DiskCall::kSync, EIO);
  const auto failed = StateFolder::open(real_disk(), folder.path(), "p2");
  REQUIRE_FALSE(failed.ok());
  CHECK(failed.error() ==
        corrupt("/: sync folder: input/output error; check the disk, then start again"));
}

TEST_CASE("who waits for a lock gets it when it is released, and is refused when he gives up") {
  const TempFolder folder;
  std::optional<StateFolder> held(*StateFolder::open(real_disk(), folder.path(), "p1"));
  int waits = 0;
  const auto refused =
      StateFolder::open(real_disk(), folder.path(), "p1", [&] { return ++waits < 3; });
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kConfig);
  CHECK(waits == 3);
  const auto opened = StateFolder::open(real_disk(), folder.path(), "p1", [&] {
    held.reset();
    return true;
  });
  CHECK(opened.ok());
}

}  // namespace
}  // namespace docmill

#include "shared/store/disk_reserve.h"

#include <cerrno>
#include <chrono>

#include "tests/store/faulty_disk.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"
#include "tests/support/real_disk.h"

namespace docmill {
namespace {

struct ReserveFixture {
  std::string path() const { return folder / "reserve"; }
  bool is_there() const { return std::filesystem::exists(path()); }
  void pass() { now += std::chrono::seconds(3); }

  TempFolder folder;
  DiskReserve reserve{real_disk(), folder.path()};
  Time now{};
};

TEST_CASE_METHOD(ReserveFixture, "a commit without room on a full disk gets that of the reserve") {
  reserve.restore(now);
  REQUIRE(std::filesystem::file_size(path()) == DiskReserve::kBytes);
  const auto commit = [this] {
    return is_there() ? Result<void>(unavailable("no space left on device")) : Result<void>();
  };
  {
    FaultyDisk disk;
    disk.fail_next(DiskCall::kWrite, ENOSPC);
    CHECK(reserve.with_room(commit).ok());
  }
  CHECK_FALSE(is_there());
  pass();
  reserve.restore(now);
  CHECK(is_there());
}

TEST_CASE_METHOD(ReserveFixture, "a commit that fails while the disk has room leaves the reserve") {
  reserve.restore(now);
  int calls = 0;
  const auto commit = [&calls] {
    ++calls;
    return Result<void>(unavailable("another program has it open"));
  };
  CHECK_FALSE(reserve.with_room(commit).ok());
  CHECK(calls == 1);
  CHECK(is_there());
}

TEST_CASE_METHOD(ReserveFixture, "a full disk keeps nothing of a reserve that does not fit") {
  {
    FaultyDisk disk;
    disk.fail_next(DiskCall::kWrite, ENOSPC);
    reserve.restore(now);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
  reserve.restore(now);
  CHECK_FALSE(is_there());  // not before its time
  pass();
  reserve.restore(now);
  CHECK(is_there());
}

TEST_CASE_METHOD(ReserveFixture, "the reserve of an earlier process is used") {
  reserve.restore(now);
  DiskReserve again(real_disk(), folder.path());
  again.restore(now);
  FaultyDisk disk;
  disk.fail_next(DiskCall::kWrite, ENOSPC);
  CHECK(again
            .with_room([this] {
              return is_there() ? Result<void>(unavailable("no space left")) : Result<void>();
            })
            .ok());
}

}  // namespace
}  // namespace docmill

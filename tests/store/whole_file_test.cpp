#include "shared/store/whole_file.h"

#include <cerrno>

#include "tests/support/catch.h"
#include "tests/support/disk/simulated_disk.h"

namespace docmill {
namespace {

TEST_CASE("a file that a full disk kept from its name is written when there is room again") {
  test::DiskModel files;
  test::SimulatedDisk disk(files);
  bool full = true;
  disk.fault = [&](const test::DiskOperation& operation) {
    return full && operation.call == test::DiskCall::kName ? ENOSPC : 0;
  };
  // The second try finds what the first one has left, and cannot remove it.
  for (int i = 0; i < 2; ++i) {
    const auto written = write_whole(disk, "id", "7\n");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == ErrorCode::kUnavailable);
  }
  full = false;
  CHECK(write_whole(disk, "id", "7\n"));
  CHECK(files.read("id") == "7\n");
}

}  // namespace
}  // namespace docmill

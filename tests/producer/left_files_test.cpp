#include "producer/follow/left_files.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

FileTrace file_of(std::uint64_t inode, std::int64_t born) {
  FileTrace trace;
  trace.inode = inode;
  trace.born = born;
  return trace;
}

TEST_CASE("a file with a creation time in the future hides no later one") {
  LeftFiles left;
  left.add(file_of(1, 1'000'000));
  CHECK_FALSE(left.may_have(file_of(2, 10)));
  for (std::uint64_t i = 10; i < 10 + 2 * LeftFiles::kMax; ++i) {
    left.add(file_of(i, static_cast<std::int64_t>(i)));
  }
  CHECK(left.may_have(file_of(1, 1'000'000)));
  CHECK_FALSE(left.may_have(file_of(2, 5'000)));
}

TEST_CASE("a forgotten file is not taken for a new one") {
  LeftFiles left;
  const std::uint64_t files = LeftFiles::kMax + 5;
  for (std::uint64_t i = 1; i <= files; ++i) left.add(file_of(i, static_cast<std::int64_t>(i)));
  CHECK(left.traces().size() == LeftFiles::kMax);
  CHECK(left.forgotten() == 5);
  for (std::uint64_t i = 1; i <= files; ++i) {
    CHECK(left.may_have(file_of(i, static_cast<std::int64_t>(i))));
  }
  CHECK_FALSE(left.may_have(file_of(files + 1, static_cast<std::int64_t>(files) + 1)));
}

}  // namespace
}  // namespace docmill::test

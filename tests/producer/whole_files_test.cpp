#include "producer/files/folder_watch.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

using std::chrono::milliseconds;
constexpr std::int64_t kToday = 1'000'000;

TEST_CASE("a file is quiet two seconds after its last change by the clock that set its time") {
  WholeFiles files;
  CHECK_FALSE(files.is_quiet("a", 5, kToday - 1, kToday, Time()));
  CHECK(files.is_quiet("a", 5, kToday - 2, kToday, Time()));
}

TEST_CASE("a file with a time in the future is quiet when it is the same for two seconds") {
  WholeFiles files;
  const Time start{};
  const auto look = [&](std::uint64_t size, std::int64_t modified, milliseconds after) {
    return files.is_quiet("a", size, kToday + modified, kToday, start + after);
  };
  CHECK_FALSE(look(5, 9000, milliseconds(0)));
  CHECK_FALSE(look(5, 9000, milliseconds(1999)));
  CHECK_FALSE(look(6, 9000, milliseconds(2000)));
  CHECK_FALSE(look(6, 9001, milliseconds(3900)));
  CHECK_FALSE(files.is_quiet("b", 6, kToday + 9001, kToday, start + milliseconds(6000)));
  CHECK_FALSE(look(6, 9001, milliseconds(5899)));
  CHECK(look(6, 9001, milliseconds(5900)));
}

}  // namespace
}  // namespace docmill::test

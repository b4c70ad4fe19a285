// A followed file is cut, and written to again before the next look.
#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

struct CutFixture : FollowFixture {
  // What comes before it is time for the next look.
  std::string seen_at_once(Source& source) {
    REQUIRE(source.serve().ok());
    return outline(read_all(source));
  }
  static std::string long_line(const std::string& name) { return name + std::string(600, 'x'); }
};

TEST_CASE_METHOD(CutFixture,
                 "a file that is rewritten and longer at the next read gives no parts of lines") {
  append("1\n2\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 2 ~");
  SECTION("at the end of a line") {
    write("a.log", "333\n4444\n55555\n");
    CHECK(seen_at_once(*source) == "~");
    CHECK(seen_now(*source) == "333 4444 55555 ~");
  }
  SECTION("in the middle of a line") {
    append("thi");
    CHECK(seen_at_once(*source) == "~");
    write("a.log", "333\n4444\n55555\n");
    CHECK(seen_at_once(*source) == "~");
    CHECK(seen_now(*source) == "333 4444 55555 ~");
  }
  SECTION("with the same bytes at its start") {
    write("a.log", "1\n2\n3\n");
    CHECK(seen_at_once(*source) == "3 ~");  // nothing tells it from a file that has grown
    write("a.log", "1\n2\n4\n555\n");
    CHECK(seen_at_once(*source) == "~");
    CHECK(seen_now(*source) == "1 2 4 555 ~");
  }
  SECTION("many times") {
    for (int run = 0; run < 20; ++run) {
      const std::string line =
          std::to_string(run) + std::string(static_cast<std::size_t>(run), 'x');
      write("a.log", line + "\n" + line + "\nend\n");
      CHECK(seen_at_once(*source) == "~");
      CHECK(seen_now(*source) == line + " " + line + " end ~");
    }
  }
}

TEST_CASE_METHOD(CutFixture, "a file that is copied, cut and longer at the next read comes once") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  append("2\nhal");
  std::string first = "2 ";
  SECTION("with a half line that was read") {
    CHECK(seen_at_once(*source) == "2 ~");
    first.clear();
  }
  SECTION("with lines that were not read") {}
  append("f\n");
  copy_and_cut();
  append(long_line("3") + "\n" + long_line("4") + "\n");
  CHECK(seen_at_once(*source) == "~");
  CHECK(seen_now(*source) == first + "half " + long_line("3") + " " + long_line("4") + " ~");
}

TEST_CASE_METHOD(CutFixture,
                 "a file that was empty at the last look, and is copied and cut, comes once") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  copy_and_cut();
  CHECK(seen_now(*source) == "~");
  append(long_line("2") + "\n");
  copy_and_cut();
  append(long_line("3") + "\n");
  std::string all;
  for (int looks = 0; looks < 3; ++looks) all += seen_now(*source) + " ";
  CHECK(all == long_line("3") + " ~ " + long_line("2") + " ~ ~ ");
}

}  // namespace
}  // namespace docmill::test

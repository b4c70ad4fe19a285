// One file beside a followed one cannot be read.
#include <algorithm>

#include "tests/producer/follow_fixture.h"
#include "tests/producer/renaming_disk.h"

namespace docmill::test {
namespace {

struct UnreadableFixture : FollowFixture {
  std::unique_ptr<Source> follow_here(const std::string& position = "") {
    auto source = open_on(disk, position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  std::string seen_later(Source& source) {
    clock.time += std::chrono::seconds(6);
    return seen_now(source);
  }
  std::string passed_over(const std::string& name) const {
    return path(name) +
           ": open: permission denied; let this user read it; it is passed over, and tried again "
           "every 5 s";
  }

  const std::string line = std::string(600, 'x');
  RenamingDisk disk;
};

TEST_CASE_METHOD(UnreadableFixture, "a copy that cannot be read stops no rotation") {
  append(line + "\n1\n");
  auto source = follow_here();
  CHECK(seen_now(*source) == "^ " + line + " 1 ~");
  copy("a.log", "a.log.save");
  disk.refuse(path("a.log.save"));
  SECTION("by a new name") {
    rename("a.log", "a.log.1");
    append("2\n");
    CHECK(seen_now(*source) == "2 ~");
  }
  SECTION("by a copy") {
    append("2\n");
    copy_and_cut();
    CHECK(seen_now(*source) == "2 ~");
  }
  SECTION("by a copy, while nobody looks") {
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    source.reset();
    append("2\n");
    copy_and_cut();
    source = follow_here(position);
    CHECK(seen_now(*source) == "^ 2 ~");
  }
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  CHECK(seen_later(*source) == "~");
  CHECK(std::count(log.lines.begin(), log.lines.end(), passed_over("a.log.save")) == 1);
  disk.allow(path("a.log.save"));
  append("4\n");
  CHECK(seen_later(*source) == "4 ~");
  CHECK(seen_later(*source) == "~");
}

TEST_CASE_METHOD(UnreadableFixture, "a rotated file that cannot be read comes when it can be") {
  append(line + "\n");
  auto source = follow_here();
  CHECK(seen_now(*source) == "^ " + line + " ~");
  const std::string position = source->position();
  REQUIRE(source->settled(position).ok());
  SECTION("the file itself, at the start") {
    source.reset();
    append("2\n");
    rename("a.log", "a.log.1");
    append("3\n");
    disk.refuse(path("a.log.1"));
    source = follow_here(position);
    CHECK(seen_now(*source) == "^ 3 ~");
    SECTION("and not before the second start") {
      source.reset();
      source = follow_here(position);
      CHECK(seen_now(*source).ends_with("~"));
    }
  }
  SECTION("a file that was never seen") {
    rename("a.log", "a.log.2");
    append("2\n", "a.log.1");
    append("3\n");
    disk.refuse(path("a.log.1"));
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("the copy of a file that was cut") {
    append("2\n");
    copy_and_cut();
    append("3\n");
    disk.refuse(path("a.log.1"));
    CHECK(seen_now(*source) == "3 ~");
  }
  disk.allow(path("a.log.1"));
  CHECK(seen_later(*source) == "2 ~");
  CHECK(seen_later(*source) == "~");
  append("4\n");
  CHECK(seen_now(*source) == "4 ~");
}

}  // namespace
}  // namespace docmill::test

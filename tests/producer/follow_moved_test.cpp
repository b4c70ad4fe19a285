// Files that are not read any more get other identities: they are moved to another disk, or edited.
#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

struct MovedFixture : FollowFixture {
  // As `cp -a` and `sed -i` do it.
  void replace(const std::string& name) const {
    copy(name, "new");
    rename("new", name);
  }
  std::string seen_later(Source& source) {
    clock.time += std::chrono::seconds(6);
    return seen_now(source);
  }
  void restart(std::unique_ptr<Source>& source) {
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    source.reset();
    source = follow(position);
    CHECK(seen_now(*source) == "^ ~");
  }
  void rotate() const {
    for (int number = 8; number > 0; --number) {
      const std::string name = "a.log." + std::to_string(number);
      if (std::filesystem::exists(path(name))) rename(name, "a.log." + std::to_string(number + 1));
    }
    rename("a.log", "a.log.1");
  }
  static std::string long_line(const std::string& name) { return name + std::string(600, 'x'); }
};

TEST_CASE_METHOD(MovedFixture, "files that were there before are not read after they were moved") {
  write("a.log.2", long_line("old 1") + "\n");
  write("a.log.1", long_line("old 2") + "\n");
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  SECTION("while docmill is stopped") {
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    source.reset();
    for (const char* name : {"a.log", "a.log.1", "a.log.2"}) replace(name);
    source = follow(position);
    CHECK(seen_now(*source) == "^ ~");
  }
  SECTION("while it runs") {
    for (const char* name : {"a.log.1", "a.log.2"}) replace(name);
  }
  for (int rotation = 0; rotation < 2; ++rotation) {
    rotate();
    append("2\n");
    CHECK(seen_now(*source) == "2 ~");
    CHECK(seen_later(*source) == "~");
    restart(source);
    for (const char* name : {"a.log.2", "a.log.3"}) replace(name);
  }
}

TEST_CASE_METHOD(MovedFixture,
                 "a line that came after a file was left comes once when it is moved") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  rotate();
  append(long_line("2") + "\n");
  CHECK(seen_now(*source) == long_line("2") + " ~");
  CHECK(seen_later(*source) == "~");
  append("late\n", "a.log.1");
  CHECK(seen_now(*source) == "~");
  const std::string position = source->position();
  REQUIRE(source->settled(position).ok());
  source.reset();
  for (const char* name : {"a.log", "a.log.1"}) replace(name);
  source = follow(position);
  CHECK(seen_now(*source) == "^ late ~");
  rotate();
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  CHECK(seen_later(*source) == "~");
  rotate();
  replace("a.log.3");
  append("4\n");
  CHECK(seen_now(*source) == "4 ~");
}

TEST_CASE_METHOD(MovedFixture, "a copy of a part of a file that is gone makes no line come twice") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  copy("a.log", "a.log.kept");
  rotate();
  append("2\n", "a.log.1");
  append(long_line("3") + "\n");
  CHECK(seen_now(*source) == "2 " + long_line("3") + " ~");
  CHECK(seen_later(*source) == "~");
  std::filesystem::remove(path("a.log.kept"));
  replace("a.log.1");
  rotate();
  append("4\n");
  CHECK(seen_now(*source) == "4 ~");
}

}  // namespace
}  // namespace docmill::test

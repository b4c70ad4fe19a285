// Another file with the same lines takes the place of the followed one, or of all of its files.
#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

struct ReplacedFixture : FollowFixture {
  // As `sed -i`, rsync and `cp -a` do it.
  void replace(const std::string& name) const {
    copy(name, "new");
    rename("new", name);
  }
  // Has read the long line and "1".
  std::unique_ptr<Source> read_first() {
    append(line + "\n1\n");
    auto source = follow();
    CHECK(seen_now(*source) == "^ " + line + " 1 ~");
    return source;
  }
  std::string settle(Source& source) {
    const std::string position = source.position();
    REQUIRE(source.settled(position).ok());
    return position;
  }
  const std::string line = std::string(600, 'x');
};

TEST_CASE_METHOD(ReplacedFixture, "a file that is replaced by its copy comes once") {
  auto source = read_first();
  SECTION("while it is followed") {
    replace("a.log");
    append("2\n");
    CHECK(seen_now(*source) == "2 ~");
    replace("a.log");
    CHECK(seen_now(*source) == "~");
  }
  SECTION("while nobody looks") {
    const std::string position = settle(*source);
    source.reset();
    replace("a.log");
    append("2\n");
    source = follow(position);
    CHECK(seen_now(*source) == "^ 2 ~");
  }
  SECTION("with lines that are in the spool and not in the position") {
    append("2\n");
    CHECK(seen_now(*source) == "2 ~");
    source.reset();
    SECTION("before the start") {
      replace("a.log");
      source = follow();
    }
    SECTION("between the start and the first look") {
      source = follow();
      replace("a.log");
    }
    CHECK(seen_now(*source) == line + " 1 2 ^ ~");
  }
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  const std::string position = settle(*source);
  source.reset();
  append("4\n");
  CHECK(seen_now(*follow(position)) == "^ 4 ~");
}

TEST_CASE_METHOD(ReplacedFixture, "a folder that is copied to another disk doubles no line") {
  const std::string other(600, 'y');
  auto source = read_first();
  rename("a.log", "a.log.1");
  append(other + "\n");
  CHECK(seen_now(*source) == other + " ~");
  SECTION("with a file that was left") {
    clock.time += std::chrono::seconds(6);
    CHECK(seen_now(*source) == "~");
  }
  SECTION("with two files that are read") {}
  const std::string position = settle(*source);
  source.reset();
  replace("a.log.1");
  replace("a.log");
  append("2\n");
  source = follow(position);
  CHECK(seen_now(*source) == "^ 2 ~");
}

TEST_CASE_METHOD(ReplacedFixture, "what a program writes to the deleted file is read, too") {
  auto source = read_first();
  std::ofstream writer(path("a.log"), std::ios::app);
  replace("a.log");
  writer << "2\n" << std::flush;
  append("3\n");
  CHECK(seen_now(*source) == "2 3 ~");
}

TEST_CASE_METHOD(ReplacedFixture, "a file that is replaced by one with other lines is a new one") {
  auto source = read_first();
  const std::string position = settle(*source);
  const auto replace_it = [&] {
    std::filesystem::remove(path("a.log"));
    append(line + "\n2\n3\n");
  };
  SECTION("while it is followed") {
    replace_it();
    CHECK(seen_now(*source) == line + " 2 3 ~");
  }
  SECTION("while nobody looks") {
    source.reset();
    replace_it();
    CHECK(seen_now(*follow(position)) == "^ " + line + " 2 3 ~");
  }
}

}  // namespace
}  // namespace docmill::test

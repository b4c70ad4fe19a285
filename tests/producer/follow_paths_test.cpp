// The configuration names other paths, or one path in other ways.
#include <fmt/format.h>

#include <algorithm>

#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

struct PathsFixture : FollowFixture {
  PathsFixture() {
    for (const char* one : {"monday", "tuesday"}) std::filesystem::create_directory(path(one));
    std::filesystem::create_directory_symlink("monday", path("today"));
  }
  void point_to(const std::string& day) const {
    std::filesystem::remove(path("today"));
    std::filesystem::create_directory_symlink(day, path("today"));
  }
  // The lines that a run comes to that follows this path; everything is settled in the end.
  std::string run(const std::string& followed) {
    auto source = follow_path(followed, position);
    return run(*source);
  }
  std::string run(Source& source) {
    std::string all;
    for (int looks = 0; looks < 3; ++looks) {
      clock.time += std::chrono::milliseconds(200);
      REQUIRE(source.serve().ok());
      for (const Seen& one : read_all(source)) {
        if (is_document(one)) all += one.bytes + " ";
      }
    }
    position = source.position();
    REQUIRE(source.settled(position).ok());
    REQUIRE(source.serve().ok());
    return all;
  }
  std::string saved() const {
    std::ifstream file(path("follow.position"));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string position;
};

TEST_CASE_METHOD(PathsFixture, "a path that is followed again goes on where it was left") {
  append("1\n2\n", "a.log");
  append("b\n", "b.log");
  CHECK(run(path("a.log")) == "1 2 ");
  CHECK(run(path("b.log")) == "b ");
  append("3\n", "a.log");
  rename("a.log", "a.log.1");
  append("4\n", "a.log");
  append("c\n", "b.log");
  CHECK(run(path("a.log")) == "3 4 ");
  CHECK(run(path("b.log")) == "c ");
  CHECK(run(path("a.log")) == "");
}

TEST_CASE_METHOD(PathsFixture, "lines that a crash left out of a former position come once") {
  const std::string line(300, 'x');
  append(line + "\n\n" + line + "\r\n\r\n" + line + "\n", "a.log");
  {
    auto source = follow_path(path("a.log"));
    REQUIRE(source->serve().ok());
    CHECK(outline(read_all(*source)) == fmt::format("^ {0} {0} {0} ~", line));
    position = source->position();
  }
  // More lines than the spool remembers.
  std::string expected;
  for (int i = 0; i < 100'001; ++i) expected += std::to_string(i) + "\n";
  append(expected, "b.log");
  std::replace(expected.begin(), expected.end(), '\n', ' ');
  auto source = follow_path(path("b.log"), position);
  std::string all;
  while (all.size() < expected.size()) {
    const std::string more = run(*source);
    REQUIRE_FALSE(more.empty());
    all += more;
  }
  CHECK(all == expected);
  source.reset();
  append("4\n", "a.log");
  CHECK(run(path("a.log")) == "4 ");
}

TEST_CASE_METHOD(PathsFixture, "every spelling of a path is one path") {
  append("1\n", "monday/a.log");
  CHECK(run(path("monday/a.log")) == "1 ");
  append("2\n", "monday/a.log");
  CHECK(run(path("./monday/../monday//a.log")) == "2 ");
  append("3\n", "monday/a.log");
  CHECK(run(std::filesystem::relative(path("monday/a.log"))) == "3 ");
  append("4\n", "monday/a.log");
  CHECK(run(path("today/a.log")) == "4 ");
  std::filesystem::remove(path("today"));
  append("5\n", "monday/a.log");
  CHECK(run(path("monday/a.log")) == "5 ");
}

TEST_CASE_METHOD(PathsFixture, "a link in the path may lead to another folder") {
  append("1\n", "monday/a.log");
  append("2\n", "tuesday/a.log");
  auto source = follow_path(path("today/a.log"));
  CHECK(run(*source) == "1 ");
  SECTION("from a restart on") {
    source.reset();
    point_to("tuesday");
    CHECK(run(path("today/a.log")) == "2 ");
  }
  SECTION("while the source runs") {
    point_to("tuesday");
    CHECK(run(*source) == "2 ");
    source.reset();
  }
  append("3\n", "tuesday/a.log");
  CHECK(run(path("today/a.log")) == "3 ");
  append("4\n", "tuesday/a.log");
  CHECK(run(path("tuesday/a.log")) == "4 ");
}

TEST_CASE_METHOD(PathsFixture, "a disk that is mounted after the start doubles no line") {
  append("1\n", "monday/a.log");
  append("2\n", "tuesday/b.log");
  CHECK(run(path("tuesday/b.log")) == "2 ");
  CHECK(run(path("today/a.log")) == "1 ");
  rename("monday", "away");
  SECTION("and has no folder before") {}
  SECTION("and has an empty folder before") { std::filesystem::create_directory(path("monday")); }
  const std::string followed = GENERATE("today/a.log", "monday/a.log");
  auto source = follow_path(path(followed), position);
  CHECK(run(*source) == "");
  append("3\n", "away/a.log");
  rename("away/a.log", "away/a.log.1");
  append("4\n", "away/a.log");
  rename("away", "monday");
  CHECK(run(*source) == "3 4 ");
  source.reset();
  append("5\n", "monday/a.log");
  CHECK(run(path("monday/a.log")) == "5 ");
  CHECK(run(path("tuesday/b.log")) == "");
}

TEST_CASE_METHOD(PathsFixture, "a position that has the path as it was spelled is used") {
  append("1\n", "a.log");
  const std::string spelled = std::filesystem::relative(path("a.log"));
  CHECK(run(spelled) == "1 ");
  const std::string text = saved();
  const std::size_t seen = text.find("path ") + 5;
  const std::size_t name = text.find(' ', seen) + 1;
  const std::size_t file = text.find("file ");
  write("follow.position", text.substr(0, name) + spelled + "\n" + text.substr(file));
  append("2\n", "a.log");
  CHECK(run(path("a.log")) == "2 ");
}

TEST_CASE_METHOD(PathsFixture, "the position has the 64 paths that were followed last") {
  for (int i = 0; i < 66; ++i) {
    append("x\n", fmt::format("{}.log", i));
    CHECK(run(path(fmt::format("{}.log", i))) == "x ");
  }
  std::size_t paths = 0;
  const std::string text = saved();
  for (auto at = text.find("\npath "); at != text.npos; at = text.find("\npath ", at + 1)) ++paths;
  CHECK(paths == 64);
  CHECK(text.find(path("1.log")) == text.npos);
  CHECK(run(path("2.log")) == "");
}

}  // namespace
}  // namespace docmill::test

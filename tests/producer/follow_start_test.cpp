// What was read before is found again at a start, and nothing else is taken for it.
#include <sstream>

#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

struct StartFixture : FollowFixture {
  std::string settle(std::unique_ptr<Source>& source) {
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    source.reset();
    return position;
  }
  // As if the inode of each known file had been given to a new file.
  void change_births() const {
    std::istringstream saved([this] {
      std::ifstream in(path("follow.position"));
      return std::string(std::istreambuf_iterator<char>(in), {});
    }());
    std::string changed;
    for (std::string line; std::getline(saved, line);) {
      std::istringstream words(line);
      std::string word;
      for (int i = 0; words >> word; ++i) {
        const bool is_birth = line.starts_with("file ") && i == 4;
        changed += (i == 0 ? "" : " ") + (is_birth ? std::to_string(std::stoll(word) - 1) : word);
      }
      changed += "\n";
    }
    write("follow.position", changed);
  }
  void link(const std::string& to) const {
    std::filesystem::create_symlink(to, path("next"));
    rename("next", "a.log");
  }
};

TEST_CASE_METHOD(StartFixture, "a short file with the inode of a deleted one is a new file") {
  append("started\nready\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ started ready ~");
  const std::string position = settle(source);
  change_births();
  append("order\n");
  source = follow(position);
  CHECK(seen_now(*source) == "^ started ready order ~");
}

TEST_CASE_METHOD(StartFixture,
                 "a long file with the inode of a deleted one and its lines is read on") {
  const std::string line(600, 'x');
  append(line + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + line + " ~");
  const std::string position = settle(source);
  change_births();
  append("2\n");
  source = follow(position);
  CHECK(seen_now(*source) == "^ 2 ~");
  rename("a.log", "a.log.1");
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "~");
  rename("a.log", "a.log.0");
  append("4\n");
  CHECK(seen_now(*source) == "4 ~");
}

TEST_CASE_METHOD(StartFixture,
                 "a link that leads to another file at the next start loses no line") {
  append("1\n", "app-1.log");
  link("app-1.log");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  const std::string position = settle(source);
  append("2\n", "app-1.log");
  append("3\n", "app-2.log");
  link("app-2.log");
  source = follow(position);
  CHECK(seen_now(*source) == "^ 2 3 ~");
  append("4\n", "app-1.log");
  append("5\n", "app-2.log");
  CHECK(seen_now(*source) == "4 5 ~");
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(StartFixture,
                 "a former file of a link never stands in for the one that is written to") {
  append("1\n", "app-1.log");
  link("app-1.log");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  append("2\n", "app-2.log");
  link("app-2.log");
  CHECK(seen_now(*source) == "2 ~");
  source = follow(settle(source));
  CHECK(seen_now(*source) == "^ ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "~");
  append("3\n", "app-2.log");
  CHECK(seen_now(*source) == "3 ~");
}

TEST_CASE_METHOD(StartFixture,
                 "a link to a file in another folder loses no line at the next start") {
  std::filesystem::create_directory(path("logs"));
  append("1\n", "logs/app-1.log");
  link("logs/app-1.log");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  const std::string position = settle(source);
  append("2\n", "logs/app-1.log");
  append("3\n", "logs/app-2.log");
  link("logs/app-2.log");
  source = follow(position);
  CHECK(seen_now(*source) == "^ 2 3 ~");
}

TEST_CASE_METHOD(StartFixture, "a file that was left is read on when it is at the path again") {
  std::string first(300, '1');
  append(first + "\n", "app-1.log");
  append("2\n", "app-2.log");
  link("app-1.log");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + first + " ~");
  link("app-2.log");
  CHECK(seen_now(*source) == "2 ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "~");
  SECTION("a link to it") {
    link("app-1.log");
    CHECK(seen_now(*source) == "~");
    append("3\n", "app-1.log");
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("that has grown while docmill ran or was stopped") {
    append("3\n", "app-1.log");
    link("app-1.log");
    if (GENERATE(false, true)) {
      source = follow(settle(source));
      CHECK(seen_now(*source) == "^ 3 ~");
    } else {
      CHECK(seen_now(*source) == "3 ~");
    }
  }
  SECTION("and of other content, as of a day of the week, from its beginning") {
    std::ofstream(path("app-1.log"), std::ios::trunc) << "3\n4\n";
    link("app-1.log");
    CHECK(seen_now(*source) == "3 4 ~");
  }
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "~");
  append("5\n", "app-1.log");
  CHECK(seen_now(*source) == "5 ~");
  append("6\n", "app-2.log");
  link("app-2.log");
  CHECK(seen_now(*source) == "6 ~");
}

}  // namespace
}  // namespace docmill::test

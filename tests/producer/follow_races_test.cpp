// Other programs rename files while the source lists a folder, or between that and opening a file.
#include <sys/stat.h>

#include "producer/follow/file_trace.h"
#include "tests/producer/follow_fixture.h"
#include "tests/producer/renaming_disk.h"

namespace docmill::test {
namespace {

const std::string kMoving = ": files were renamed during each of 8 listings; retrying";

struct RaceFixture : FollowFixture {
  std::unique_ptr<Source> follow_races(const std::string& position = "") {
    auto source = open_race(position);
    INFO((source ? "" : source.error().text));
    REQUIRE(source.ok());
    return std::move(*source);
  }
  Result<std::unique_ptr<Source>> open_race(const std::string& position = "") {
    return open_on(disk, position);
  }
  // A new file whose creation time is later than that of the other one.
  void append_later(const std::string& text, const std::string& name, const std::string& than) {
    const auto born = [&](const std::string& one) {
      struct statx facts {};
      REQUIRE(statx(AT_FDCWD, path(one).c_str(), 0, STATX_BTIME, &facts) == 0);
      return std::pair(facts.stx_btime.tv_sec, facts.stx_btime.tv_nsec);
    };
    do {
      std::filesystem::remove(path(name));
      append(text, name);
    } while (born(name) <= born(than));
  }
  // What logrotate does.
  std::function<void()> rotate(const std::string& to, const std::string& next) {
    return [this, to, next] {
      rename("a.log", to);
      append_later(next, "a.log", to);
    };
  }
  // The lines of some looks, in the order in which they came.
  std::string lines_of(Source& source, int looks = 4) {
    std::string all;
    for (int i = 0; i < looks; ++i) {
      clock.time += std::chrono::milliseconds(200);
      REQUIRE(source.serve().ok());
      for (const Seen& one : read_all(source)) {
        if (is_document(one)) all += one.bytes + " ";
      }
    }
    return all;
  }
  // The position of a run that has read "1" and "2" of a.log, and has ended.
  std::string read_two() {
    append("1\n2\n");
    auto source = follow_races();
    CHECK(lines_of(*source) == "1 2 ");
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    return position;
  }

  RenamingDisk disk;
};

TEST_CASE_METHOD(RaceFixture, "a new file that is renamed before it is opened loses no line") {
  append("1\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 ");
  rotate("a.log.1", "2\n")();
  disk.before_open(path("a.log"), rotate("a.log.2", "3\n"));
  CHECK(lines_of(*source) == "2 3 ");
  CHECK(disk.left() == 0);
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(RaceFixture,
                 "a new file that is renamed while its folder is listed loses no line") {
  append("1\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 ");
  rotate("a.log.1", "2\n")();
  disk.after_list(folder, rotate("a.log.2", "3\n"));
  CHECK(lines_of(*source) == "2 3 ");
  CHECK(disk.left() == 0);
}

TEST_CASE_METHOD(RaceFixture, "files that are renamed at each of several listings lose no line") {
  append("1\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 ");
  rotate("a.log.1", "2\n")();
  for (int i = 2; i < 40; ++i) {
    disk.after_list(folder, rotate("a.log." + std::to_string(i), std::to_string(i + 1) + "\n"));
  }
  std::string expected;
  for (int i = 2; i <= 40; ++i) expected += std::to_string(i) + " ";
  CHECK(lines_of(*source, 10) == expected);
  CHECK(disk.left() == 0);
  CHECK(log.lines == std::vector{folder.string() + kMoving});
}

TEST_CASE_METHOD(RaceFixture, "the first file that is renamed at the first look loses no line") {
  append("1\n");
  auto source = follow_races();
  disk.after_list(folder, rotate("a.log.1", "2\n"));
  CHECK(lines_of(*source) == "1 2 ");
  CHECK(disk.left() == 0);
}

TEST_CASE_METHOD(RaceFixture, "a known file that is renamed at the start comes once") {
  const std::string position = read_two();
  SECTION("before it is opened") { disk.before_open(path("a.log"), rotate("a.log.1", "3\n")); }
  SECTION("while its folder is listed") { disk.after_list(folder, rotate("a.log.1", "3\n")); }
  auto source = follow_races(position);
  CHECK(disk.left() == 0);
  CHECK(lines_of(*source) == "3 ");
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(RaceFixture, "a start among files that do not stop moving decides nothing") {
  const std::string position = read_two();
  for (int i = 1; i < 200; ++i) {
    disk.after_list(folder, rotate("a.log." + std::to_string(i), std::to_string(i + 2) + "\n"));
  }
  const auto refused = open_race(position);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error() == unavailable(folder.string() + kMoving));
  const std::size_t rotations = 199 - disk.left();
  disk.clear();
  CHECK(log.lines.empty());
  std::string expected;
  for (std::size_t i = 1; i <= rotations; ++i) expected += std::to_string(i + 2) + " ";
  CHECK(lines_of(*follow_races(position)) == expected);
}

TEST_CASE_METHOD(RaceFixture, "a copy that is renamed before it is compared is continued") {
  append("1\n2\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 2 ");
  append("3\n");
  copy_and_cut();
  append("4\n");
  SECTION("before it is opened") {
    disk.before_open(path("a.log.1"), [&] { rename("a.log.1", "a.log.2"); });
  }
  SECTION("while its folder is listed") {
    disk.after_list(folder, [&] { rename("a.log.1", "a.log.2"); });
  }
  CHECK(lines_of(*source) == "3 4 ");
  CHECK(disk.left() == 0);
}

TEST_CASE_METHOD(RaceFixture, "a file that is cut while its copy is compared comes once") {
  const std::string line(600, 'x');
  append(line + "\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == line + " ");
  const std::string position = source->position();
  REQUIRE(source->settled(position).ok());
  source.reset();
  append("2\n");
  copy("a.log", "a.log.1");
  disk.before_open(path("a.log.1"), [&] { write("a.log", "3\n"); });
  source = follow_races(position);
  CHECK(lines_of(*source) == "2 3 ");
  CHECK(disk.left() == 0);
}

TEST_CASE_METHOD(RaceFixture,
                 "a file that is cut and renamed at once loses no line after the cut") {
  append("1\n2\n");
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 2 ");
  write("a.log", "3\n");
  const auto rotation = rotate("a.log.1", "4\n");
  SECTION("before it is opened") { disk.before_open(path("a.log"), rotation); }
  SECTION("while its folder is listed") { disk.after_list(folder, rotation); }
  std::string all = lines_of(*source);
  // The source has the file open, and need not open it by its name.
  if (disk.left() > 0) {
    disk.clear();
    rotation();
    all += lines_of(*source);
  }
  CHECK(all == "3 4 ");
}

TEST_CASE_METHOD(RaceFixture, "a file that was cut while the producer was down may be renamed") {
  const std::string position = read_two();
  append_later("1\n2\n", "a.log.copy", "a.log");
  write("a.log", "3\n");
  SECTION("before the start") {
    rotate("a.log.1", "4\n")();
    CHECK(lines_of(*follow_races(position)) == "3 4 ");
  }
  SECTION("between the start and the first look") {
    auto source = follow_races(position);
    rotate("a.log.1", "4\n")();
    CHECK(lines_of(*source) == "3 4 ");
  }
}

TEST_CASE_METHOD(RaceFixture, "the followed name may link to a file beside it") {
  append("1\n", "a.log.monday");
  SECTION("a symbolic link") { std::filesystem::create_symlink("a.log.monday", path("a.log")); }
  SECTION("a hard link") { std::filesystem::create_hard_link(path("a.log.monday"), path("a.log")); }
  auto source = follow_races();
  CHECK(lines_of(*source) == "1 ");
  append_later("2\n", "a.log.tuesday", "a.log.monday");
  std::filesystem::remove(path("a.log"));
  std::filesystem::create_symlink("a.log.tuesday", path("a.log"));
  CHECK(lines_of(*source) == "2 ");
}

}  // namespace
}  // namespace docmill::test

#include <random>

#include "tests/producer/follow_fixture.h"

namespace docmill::test {
namespace {

// A line that makes a file longer than the samples by which it is identified.
std::string long_line(const std::string& name) { return name + std::string(600, 'x'); }

TEST_CASE_METHOD(FollowFixture,
                 "a file that is copied and cut comes once, with what was written before the cut") {
  append("1\n2\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 2 ~");
  append("3\n");  // not yet read
  copy_and_cut();
  append("4\n");
  CHECK(seen_now(*source) == "3 4 ~");
  copy_and_cut();
  CHECK(seen_now(*source) == "~");
  append("5\n");
  CHECK(seen_now(*source) == "5 ~");
  clock.time += std::chrono::seconds(6);
  CHECK(seen_now(*source) == "~");
  rename("a.log", "a.log.0");
  append("6\n");
  CHECK(seen_now(*source) == "6 ~");
}

TEST_CASE_METHOD(FollowFixture, "a file that is copied and cut while nobody looks comes once") {
  append("1\n2\n");
  {
    auto source = follow();
    CHECK(seen_now(*source) == "^ 1 2 ~");
    REQUIRE(source->settled(source->position()).ok());
  }
  append("3\n");
  copy_and_cut();
  append("4\n");
  copy_and_cut();  // what it has now is news
  append("5\n");
  auto source = follow("spool 1 4294967297");
  std::string all;
  for (int looks = 0; looks < 4; ++looks) all += seen_now(*source) + " ";
  CHECK(all == "^ 3 4 5 ~ ~ ~ ~ ");
  append("6\n");
  CHECK(seen_now(*source) == "6 ~");
}

TEST_CASE_METHOD(FollowFixture, "a copy that ends before what was read is passed over") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  copy("a.log", "a.log.1");
  append("2\n");
  CHECK(seen_now(*source) == "2 ~");
  std::filesystem::resize_file(path("a.log"), 0);
  append("3\n");
  CHECK(seen_now(*source) == "3 ~");
  CHECK(log.lines == std::vector{path("a.log") + ": was cut; " + path("a.log.1") +
                                 " begins like it and ends before byte 604, so it is taken for a "
                                 "copy and not read"});
}

TEST_CASE_METHOD(FollowFixture, "copies that lay there before, or are kept aside, are not read") {
  write("a.log.1", "old\n");
  append(long_line("1") + "\n");
  write("a.log.2", "older\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  copy_and_cut();
  append(long_line("2") + "\n");
  CHECK(seen_now(*source) == long_line("2") + " ~");
  copy("a.log", "a.log.kept");
  append("3\n");
  rename("a.log", "a.log.1970");
  append("4\n");
  CHECK(seen_now(*source) == "3 4 ~");
}

TEST_CASE_METHOD(FollowFixture,
                 "an old file that is copied after many rotations is not read again") {
  append(long_line("0") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("0") + " ~");
  for (int i = 1; i <= 40; ++i) {
    rename("a.log", "a.log." + std::to_string(i));
    append(long_line(std::to_string(i)) + "\n");
    CHECK(seen_now(*source) == long_line(std::to_string(i)) + " ~");
    clock.time += std::chrono::seconds(6);
    CHECK(seen_now(*source) == "~");
  }
  copy("a.log.1", "a.log.1.txt");
  SECTION("while the original is there") {}
  SECTION("when the original is not there any more") { std::filesystem::remove(path("a.log.1")); }
  SECTION("and after a restart") {
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    source.reset();
    source = follow(position);
    CHECK(seen_now(*source) == "^ ~");
  }
  rename("a.log", "a.log.41");
  append("41\n");
  CHECK(seen_now(*source) == "41 ~");
}

// Files with the same header, as tables have it, and other lines.
struct HeaderFixture : FollowFixture {
  // The position of a run that has read this file.
  std::string read_first(const std::string& text) {
    append(text);
    auto source = follow();
    read_all(*source);
    seen_now(*source);
    const std::string position = source->position();
    REQUIRE(source->settled(position).ok());
    return position;
  }
  std::string lines_from(const std::string& position) {
    auto source = follow(position);
    std::string all;
    for (int looks = 0; looks < 4; ++looks) {
      clock.time += std::chrono::milliseconds(200);
      REQUIRE(source->serve().ok());
      for (const Seen& one : read_all(*source)) {
        if (is_document(one)) all += (one.bytes + "\n" == header ? "header" : one.bytes) + " ";
      }
    }
    return all;
  }
  const std::string header = std::string(600, 'h') + "\n";
};

TEST_CASE_METHOD(HeaderFixture, "files that begin with the same long header are no copies") {
  SECTION("with a shorter file between two renames") {
    const std::string position = read_first(header + "1\n2\n3\n4\n");
    rename("a.log", "a.log.2");
    append(header + "5\n");
    rename("a.log", "a.log.1");
    append(header + "6\n");
    CHECK(lines_from(position) == "header 5 header 6 ");
  }
  SECTION("with a longer file between two renames") {
    const std::string position = read_first(header);
    append("1\n");
    rename("a.log", "a.log.2");
    append(header + "2\n3\n4\n");
    rename("a.log", "a.log.1");
    append(header + "5\n");
    CHECK(lines_from(position) == "1 header 2 3 4 header 5 ");
  }
  SECTION("with a shorter file that is copied and cut") {
    const std::string position = read_first(header + "1\n2\n3\n4\n");
    append("5\n");
    copy_and_cut();
    append(header + "6\n");
    copy_and_cut();
    append(header + "7\n");
    CHECK(lines_from(position) == "5 header 6 header 7 ");
  }
  SECTION("with a longer file that is copied and cut") {
    const std::string position = read_first(header);
    append("1\n");
    copy_and_cut();
    append(header + "2\n3\n4\n");
    copy_and_cut();
    append("5\n");
    CHECK(lines_from(position) == "1 header 2 3 4 5 ");
  }
}

TEST_CASE_METHOD(FollowFixture, "a copy that is kept aside hides no file that was copied and cut") {
  append(long_line("1") + "\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " ~");
  const std::string position = source->position();
  REQUIRE(source->settled(position).ok());
  source.reset();
  append("2\n");
  copy_and_cut();
  append(long_line("3") + "\n");
  copy_and_cut();
  append("4\n");
  copy("a.log.2", "a.log.2.save");
  source = follow(position);
  CHECK(seen_now(*source) == "^ 2 " + long_line("3") + " 4 ~");
}

TEST_CASE_METHOD(FollowFixture, "a file that is cut while its lines wait for room loses none") {
  auto source = open(follow_source(), "{path: " + path("a.log") + ", spool: 1MiB}");
  REQUIRE(source.ok());
  std::string expected = "^";
  for (int line = 0; line < 5; ++line) {
    const std::string text = std::to_string(line) + std::string(300'000, 'x');
    append(text + "\n");
    expected += " " + text;
  }
  std::string all;
  for (int turns = 0; turns < 10; ++turns) {
    const std::string seen = seen_now(**source);
    all += seen.substr(0, seen.size() - 1);
    if (turns == 0) copy_and_cut();
    REQUIRE((*source)->settled((*source)->position()).ok());
  }
  CHECK(all == expected + " ");
}

TEST_CASE_METHOD(FollowFixture, "with crashes and cuts at random every line comes once") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  int written = 0;
  bool was_read = true;
  append(std::to_string(written++) + "\n");
  CrashingReader reader(*this);
  REQUIRE(reader.source->serve().ok());
  for (int round = 0; round < 150; ++round) {
    for (auto i = random() % 5; i > 0; --i) append(std::to_string(written++) + "\n");
    // What is written to an empty file and cut before the next look is not in the promise.
    if (random() % 10 == 0 && was_read) copy_and_cut();
    was_read = false;
    clock.time += std::chrono::milliseconds(200);
    if (random() % 3 != 0) {
      REQUIRE(reader.source->serve().ok());
      was_read = std::filesystem::file_size(path("a.log")) > 0;
    }
    reader.read(random);
  }
  reader.read_rest(5);
  std::string wrong;  // each line that did not come once, with how often it came
  for (int line = 0; line < written; ++line) {
    const auto times = std::count(reader.lines.begin(), reader.lines.end(), line);
    if (times != 1) wrong += std::to_string(line) + ":" + std::to_string(times) + " ";
  }
  CHECK(wrong == "");
}

}  // namespace
}  // namespace docmill::test

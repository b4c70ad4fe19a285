// A followed file is cut, and written to again before the next look.
#include <random>

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

TEST_CASE_METHOD(CutFixture, "a copy that was seen before its file was cut has the rest of it") {
  const auto open_small = [&](const std::string& position) {
    auto source = open(follow_source(), "{path: " + path("a.log") + ", spool: 1MiB}", position);
    REQUIRE(source.ok());
    return std::move(*source);
  };
  std::string expected;
  for (int line = 0; line < 5; ++line) {
    append(std::to_string(line) + std::string(300'000, 'x') + "\n");
    expected += std::to_string(line);
  }
  std::string seen;
  auto source = open_small("");
  const auto see = [&] {
    clock.time += std::chrono::milliseconds(200);
    REQUIRE(source->serve().ok());
    for (const Seen& one : read_all(*source)) {
      if (is_document(one)) seen += one.bytes.substr(0, 1);
    }
  };
  see();
  CHECK(seen == "012");
  copy("a.log", "a.log.1");
  const std::string position = source->position();
  source.reset();
  source = open_small(position);
  see();
  CHECK(seen == "012");
  std::filesystem::resize_file(path("a.log"), 0);
  for (int looks = 0; looks < 5; ++looks) {
    REQUIRE(source->settled(source->position()).ok());
    see();
  }
  CHECK(seen == expected);
}

TEST_CASE_METHOD(CutFixture, "with cuts at random between reads and looks every line comes once") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  int written = 0;
  const auto write_lines = [&](unsigned most) {
    for (auto lines = 1 + random() % most; lines > 0; --lines) {
      const std::string line = std::to_string(written++);
      append(line + std::string(300 + random() % 300, 'x') + "\n");
    }
  };
  write_lines(5);
  auto source = follow();
  REQUIRE(source->serve().ok());  // what was cut before the first look is not in the promise
  std::vector<int> times;
  for (int round = 0; round < 300; ++round) {
    if (random() % 2 == 0 && round < 294) write_lines(6);
    if (random() % 4 == 0 && round < 294) copy_and_cut();
    if (random() % 2 == 0 && round < 294) write_lines(6);
    // A file that is empty again is looked at when its next line comes.
    if (round == 294) write_lines(1);
    if (random() % 2 == 0 || round % 5 == 0) clock.time += std::chrono::milliseconds(200);
    if (round >= 295) clock.time += std::chrono::seconds(1);
    REQUIRE(source->serve().ok());
    times.resize(static_cast<std::size_t>(written));
    for (const Seen& one : read_all(*source)) {
      if (is_document(one)) ++times.at(static_cast<std::size_t>(std::stoi(one.bytes)));
    }
  }
  std::string wrong;  // each line that did not come once, with how often it came
  for (std::size_t line = 0; line < times.size(); ++line) {
    if (times[line] != 1) wrong += std::to_string(line) + ":" + std::to_string(times[line]) + " ";
  }
  CHECK(wrong == "");
}

struct HoleFixture : CutFixture {
  // As a program that does not append does it after its file was cut.
  void write_at(std::uintmax_t offset, const std::string& text) const {
    if (std::filesystem::file_size(path("a.log")) < offset) {
      std::filesystem::resize_file(path("a.log"), offset);
    }
    append(text);
  }
  std::uintmax_t size() const { return std::filesystem::file_size(path("a.log")); }
};

TEST_CASE_METHOD(HoleFixture, "room without bytes is read when it has some") {
  append("1\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ 1 ~");
  const std::uintmax_t room = GENERATE(1000, 1 << 20);
  std::filesystem::resize_file(path("a.log"), room);
  CHECK(seen_now(*source) == "~");
  std::fstream file(path("a.log"), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(2);
  file << "2\n3" << std::flush;
  CHECK(seen_now(*source) == "2 ~");
  file << "3\n4\n" << std::flush;
  CHECK(seen_now(*source) == "33 4 ~");
  CHECK(log.lines.empty());
}

TEST_CASE_METHOD(HoleFixture, "a program that writes on behind a cut gives no NUL bytes") {
  append(long_line("1") + "\n2\n");
  auto source = follow();
  CHECK(seen_now(*source) == "^ " + long_line("1") + " 2 ~");
  std::uintmax_t offset = size();
  SECTION("with the lines at the next look") {
    copy_and_cut();
    write_at(offset, "3\n");
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("at the next read") {
    copy_and_cut();
    write_at(offset, "3\n");
    CHECK(seen_at_once(*source) == "~");
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("when it was cut several times") {
    for (int i = 3; i < 9; ++i) {
      offset = size();
      copy_and_cut();
      write_at(offset, std::to_string(i) + "\n");
      CHECK(seen_now(*source) == std::to_string(i) + " ~");
    }
  }
  SECTION("with a hole of a terabyte") {
    copy_and_cut();
    write_at(std::uintmax_t{1} << 40, "3\n");
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("with a hole that is read before the line") {
    copy_and_cut();
    write_at(offset, "");
    CHECK(seen_now(*source) == "~");
    append("3\n");
    CHECK(seen_now(*source) == "3 ~");
  }
  SECTION("with a crash") {
    copy_and_cut();
    write_at(offset, "3\n");
    CHECK(seen_now(*source) == "3 ~");
    source.reset();
    source = follow();
    CHECK(seen_now(*source) == long_line("1") + " 2 3 ^ ~");
  }
  SECTION("with NUL bytes in a later line") {
    copy_and_cut();
    write_at(offset, "3\n");
    CHECK(seen_now(*source) == "3 ~");
    append(std::string("\0x\n", 3));
    CHECK(seen_now(*source) == std::string("\0x", 2) + " ~");
  }
  append("end\n");
  CHECK(seen_now(*source) == "end ~");
}

}  // namespace
}  // namespace docmill::test

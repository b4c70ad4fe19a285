#include "cli/testing/line_diff.h"

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

// As people see it: a mark and the line.
std::string shown(std::string_view expected, std::string_view found) {
  std::string text;
  for (const DiffLine& line : line_diff(expected, found)) {
    constexpr std::string_view kMarks[] = {"  ", "- ", "+ ", ".. "};
    text += std::string(kMarks[static_cast<int>(line.kind)]) + line.text + "\n";
  }
  return text;
}

std::string numbers(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += (text.empty() ? "" : "\n") + std::to_string(i);
  return text;
}

struct Case {
  std::string expected;
  std::string found;
  std::string diff;
};

TEST_CASE("A diff has the lines that differ, three around them, and how many it left out") {
  const std::vector<Case> cases = {
      {.expected = "a", .found = "b", .diff = "- a\n+ b\n"},
      {.expected = "", .found = "b", .diff = "+ b\n"},
      {.expected = "a\nb", .found = "", .diff = "- a\n- b\n"},
      {.expected = "a", .found = "a\n", .diff = "  a\n+ \n"},
      {.expected = "a\nb\nc", .found = "a\nx\nc", .diff = "  a\n- b\n+ x\n  c\n"},
      {.expected = "b\nc", .found = "a\nb\nc", .diff = "+ a\n  b\n  c\n"},
      {.expected = "a\nb", .found = "a\nb\nc", .diff = "  a\n  b\n+ c\n"},
      {.expected = numbers(1, 20),
       .found = numbers(1, 9) + "\nx\n" + numbers(11, 20),
       .diff = ".. 6 equal lines\n  7\n  8\n  9\n- 10\n+ x\n  11\n  12\n  13\n.. 7 equal lines\n"},
      {.expected = "x\n" + numbers(1, 8) + "\ny",
       .found = "u\n" + numbers(1, 8) + "\nv",
       .diff = "- x\n+ u\n  1\n  2\n  3\n.. 2 equal lines\n  6\n  7\n  8\n- y\n+ v\n"},
      {.expected = "\x1b[31m\tr\r",
       .found = "\xc2\x9b",
       .diff = "- \\x1b[31m\\x09r\\x0d\n+ \\x9b\n"},
      {.expected = "\xff\xfe",
       .found = "\xc3\xa9",
       .diff = "- \xef\xbf\xbd\xef\xbf\xbd\n+ \xc3\xa9\n"},
  };
  for (const Case& test : cases) {
    INFO(test.expected << " / " << test.found);
    CHECK(shown(test.expected, test.found) == test.diff);
  }
}

TEST_CASE("A long line is cut around the place where it differs, between characters") {
  std::string wide;
  for (int i = 0; i < 500; ++i) wide += "\xe2\x82\xac";
  const std::string diff = shown(wide + "a" + wide, wide + "b" + wide);
  CHECK(diff.size() < 400);
  CHECK(diff.find("\xe2\x82\xac"
                  "a"
                  "\xe2\x82\xac") != std::string::npos);
  CHECK(diff.find("\xe2\x82\xac"
                  "b"
                  "\xe2\x82\xac") != std::string::npos);
  CHECK(diff.find("\xef\xbf\xbd") == std::string::npos);
  CHECK(shown(std::string(200, 'x'), "y") == "- " + std::string(160, 'x') + "...\n+ y\n");
}

TEST_CASE("The diff of long texts is short, and looks only where they begin to differ") {
  const auto lines = [](const std::string& expected, const std::string& found) {
    return line_diff(expected, found).size();
  };
  const std::string million = numbers(1, 1'000'000);
  CHECK(shown(million, million + "\nx") ==
        ".. 999,997 equal lines\n  999998\n  999999\n  1000000\n+ x\n");
  CHECK(shown("x\n" + million, million) == "- x\n  1\n  2\n  3\n.. 999,997 equal lines\n");
  CHECK(lines(million, "") == 22);  // 20 of the 1,000 that are looked at, and two that say so
  CHECK(lines(million, numbers(2'000'000, 2'500'000)) == 43);
  std::string all_other;
  std::string interleaved;
  for (int i = 0; i < 5000; ++i) {
    all_other += "a" + std::to_string(i) + "\nsame\n";
    interleaved += "b" + std::to_string(i) + "\nsame\n";
  }
  CHECK(lines(all_other, interleaved) <= 84);
  CHECK(shown(all_other, interleaved).find(".. more lines\n") != std::string::npos);
}

}  // namespace
}  // namespace docmill::test

#include "shared/base/log.h"

#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("control characters are escaped and everything else is kept") {
  struct Case {
    std::string_view text;
    std::string_view safe;
  };
  using namespace std::string_view_literals;
  const std::vector<Case> cases = {
      {.text = "", .safe = ""},
      {.text = "plain text, \\ and \"quotes\"", .safe = "plain text, \\ and \"quotes\""},
      {.text = "line\nforged\r\t", .safe = "line\\x0aforged\\x0d\\x09"},
      {.text = "a\0b"sv, .safe = "a\\x00b"},
      {.text = "\x1b[31mred\x7f", .safe = "\\x1b[31mred\\x7f"},
      {.text = "\xc2\x9b"
               "31m",
       .safe = "\\x9b31m"},
      {.text = "\xc2\xa0\xc3\xa9\xe2\x82\xac", .safe = "\xc2\xa0\xc3\xa9\xe2\x82\xac"},
      {.text = "cut\xc2", .safe = "cut\xc2"},
  };
  for (const Case& c : cases) CHECK(escape_controls(c.text) == c.safe);
}

// Keeps what was written: the shape of every fake log.
class KeptLog final : public Log {
 public:
  void write(LogLevel level, std::string_view text) override { lines.emplace_back(level, text); }
  std::vector<std::pair<LogLevel, std::string>> lines;
};

TEST_CASE("each verb writes at its level, with its values in place") {
  KeptLog log;
  log.debug("{} of {}", 1, 4);
  log.info("resumed at sequence {}", 12);
  log.warn("no values");
  log.error("{}", "braces {} in a value are text");
  REQUIRE(log.lines.size() == 4);
  CHECK(log.lines[0] == std::pair(LogLevel::kDebug, std::string("1 of 4")));
  CHECK(log.lines[1] == std::pair(LogLevel::kInfo, std::string("resumed at sequence 12")));
  CHECK(log.lines[2] == std::pair(LogLevel::kWarn, std::string("no values")));
  CHECK(log.lines[3] == std::pair(LogLevel::kError, std::string("braces {} in a value are text")));
}

}  // namespace
}  // namespace docmill

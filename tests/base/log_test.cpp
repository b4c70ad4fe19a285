#include "shared/base/log.h"

#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("control characters and what is no UTF-8 are escaped, and everything else is kept") {
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
      {.text = "\xf0\x9f\x93\x84 \xf4\x8f\xbf\xbf", .safe = "\xf0\x9f\x93\x84 \xf4\x8f\xbf\xbf"},
      {.text = "cut\xc2", .safe = "cut\\xc2"},
      {.text = "cut\xe2\x82", .safe = "cut\\xe2\\x82"},
      {.text = "\x9b 8-bit", .safe = "\\x9b 8-bit"},
      {.text =
           "\xc0\x8a \xe0\x80\x8a \xed\xa0\x80 \xf5\x80\x80\x80",  // no UTF-8, though it looks so
       .safe = "\\xc0\\x8a \\xe0\\x80\\x8a \\xed\\xa0\\x80 \\xf5\\x80\\x80\\x80"},
      {.text = "new\xe2\x80\xa8line\xe2\x80\xa9", .safe = "new\\u2028line\\u2029"},
      {.text = "\xe2\x80\xaetxt.\xe2\x80\xac \xe2\x81\xa6", .safe = "\\u202etxt.\\u202c \\u2066"},
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

#include "shared/document/linear_regex.h"

#include <stdexcept>

#include "tests/support/catch.h"

namespace docmill::test {
namespace {

TEST_CASE("a pattern of ECMAScript matches the same texts in linear time") {
  struct Row {
    std::string pattern;
    std::string text;
    bool found;
  };
  for (const Row& row : std::vector<Row>{{"^a.c$", "abc", true},
                                         {"^a.c$", "a\nc", false},
                                         {"^a.c$", "a\rc", false},
                                         {"^a.c$",
                                          "a\xE2\x80\xA8"
                                          "c",
                                          false},
                                         {"^.$", "\xC3\xA9", true},
                                         {"^abc$", "abc\n", false},
                                         {"a.c", "xabcx", true},
                                         {"[.]", "a", false},
                                         {"^[^]$", "\n", true},
                                         {"[]", "a", false},
                                         {"^[a[]$", "[", true},
                                         {"[[:x]", ":", true},
                                         {"^\\u00E9$", "\xC3\xA9", true},
                                         {"^\\ud83d\\ude00$", "\xF0\x9F\x98\x80", true},
                                         {"^[\\u0430-\\u044f]+$", "\xD0\xB4\xD0\xB0", true},
                                         {"^\\cJ$", "\n", true},
                                         {"^[\\b]$", "\b", true},
                                         {"\\bword\\b", "a word.", true},
                                         {"^\\/a\\-b$", "/a-b", true},
                                         {"^(?<year>[0-9]{4})-(?:0[1-9]|1[0-2])$", "2026-11", true},
                                         {"^(a|b)*?c{2,}$", "abacc", true},
                                         {"^\\d+\\s\\w$", "12 x", true},
                                         {"", "anything", true}}) {
    INFO(row.pattern);
    const auto regex = LinearRegex::make(row.pattern);
    INFO((regex ? "" : regex.error().text));
    REQUIRE(regex.ok());
    CHECK(regex->search(row.text) == row.found);
  }
}

TEST_CASE("the longest documents and the worst patterns take neither stack nor time") {
  const std::string long_text(4 << 20, 'a');
  for (const char* pattern : {"^(a|b)*$", "(a+)+$", "^(a+)+$", "(.*)(.*)(.*)[^a]",
                              "(a?){500}a{500}", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a|a)*x"}) {
    INFO(pattern);
    const auto regex = LinearRegex::make(pattern);
    REQUIRE(regex.ok());
    static_cast<void>(regex->search(long_text));
    CHECK(regex->search(long_text + "!") == regex->search(long_text + "!"));
  }
}

TEST_CASE("what cannot be matched in linear time is refused with the cure") {
  const auto refused = [](const char* pattern) { return LinearRegex::make(pattern).error().text; };
  const std::string cure = "; write the pattern without it, or check that part with a 'keep' of jq";
  const std::string expected = "expected a pattern that can be matched in linear time, found ";
  for (const char* pattern : {"a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b"}) {
    CHECK(refused(pattern) == expected + "a lookahead or lookbehind in '" + pattern + "'" + cure);
  }
  CHECK(refused("(a)\\1") ==
        expected + "'\\1', a backreference or an unknown escape in '(a)\\1'" + cure);
  CHECK(refused("a{1001}") == expected + "invalid repetition size: {1001} in 'a{1001}'" + cure);
  CHECK(refused("(a") == expected + "missing ): (a in '(a'" + cure);
  CHECK_THROWS_AS(LinearRegex(std::string("(a")), std::invalid_argument);
}

TEST_CASE("a match of the whole text gives its groups") {
  LinearRegex::Groups groups;
  const LinearRegex regex(std::string("([0-9]+)-([0-9]+)?"));
  REQUIRE(regex.match("12-", &groups));
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].str() == "12-");
  CHECK(groups[1].str() == "12");
  CHECK(groups[2].str().empty());
  CHECK_FALSE(regex.match("12-3x", &groups));
}

}  // namespace
}  // namespace docmill::test

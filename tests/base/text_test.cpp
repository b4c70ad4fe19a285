#include "shared/base/text.h"

#include <vector>

#include "tests/support/catch.h"

namespace docmill {
namespace {

TEST_CASE("the nearest word is at most two edits away") {
  struct Case {
    std::string_view word;
    std::string_view nearest;
  };
  const std::vector<std::string_view> fields = {"flush_after", "path", "rotate_at", "id"};
  const std::vector<Case> cases = {
      {.word = "path", .nearest = "path"},
      {.word = "paht", .nearest = "path"},  // adjacent swap: one edit
      {.word = "flush_afer", .nearest = "flush_after"},
      {.word = "flush_aftre", .nearest = "flush_after"},
      {.word = "flush_aft", .nearest = "flush_after"},
      {.word = "flush_a", .nearest = ""},
      {.word = "rotate-at", .nearest = "rotate_at"},
      {.word = "pa", .nearest = "path"},
      {.word = "di", .nearest = "id"},
      {.word = "xy", .nearest = ""},  // as many edits as the candidate has letters
      {.word = "", .nearest = ""},
      {.word = "something else", .nearest = ""},
  };
  for (const Case& c : cases) {
    INFO(c.word);
    CHECK(nearest(c.word, fields) == c.nearest);
  }
}

TEST_CASE("of equally near words the first is taken, of nearer ones the nearest") {
  const std::vector<std::string_view> words = {"part", "past", "paths"};
  CHECK(nearest("pant", words) == "part");
  CHECK(nearest("path", words) == "paths");
  CHECK(nearest("pathx", {}).empty());
}

TEST_CASE("alternatives are separated by commas and a last or") {
  const std::vector<std::string_view> words = {"a", "b", "c"};
  CHECK(either({}).empty());
  CHECK(either(std::span(words).first(1)) == "a");
  CHECK(either(std::span(words).first(2)) == "a or b");
  CHECK(either(words) == "a, b or c");
}

}  // namespace
}  // namespace docmill

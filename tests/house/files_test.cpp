#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

std::string lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "x\n";
  return text;
}

TEST_CASE("a file of 299 lines passes, one of 300 is too long") {
  CHECK(check_lengths({{"sink/a.cpp", lines(299)}}).empty());
  CHECK(to_string(check_lengths({{"sink/a.cpp", lines(300)}})) ==
        "sink/a.cpp:300: 300 lines, must be at most 299: it holds more than one noun\n");
}

TEST_CASE("tests, scripts and build files have the limit too, documents and data do not") {
  for (const std::string path : {"tests/a_test.cpp", "tests/process/a.py", "scripts/setup",
                                 ".ci/run", "Makefile", "sink/CMakeLists.txt", "cmake/a.cmake"}) {
    INFO(path);
    CHECK(check_lengths({{path, lines(300)}}).size() == 1);
  }
  for (const std::string path : {"docs/a.md", "LICENSE", "tests/data/a.xml", "config/a.yaml"}) {
    INFO(path);
    CHECK(check_lengths({{path, lines(300)}}).empty());
  }
}

TEST_CASE("a header without its comment, its guard, or with an open namespace is found") {
  struct Case {
    std::string content;
    std::string findings;
  };
  const std::vector<Case> cases = {
      {.content = "// What it is.\n#pragma once\n", .findings = ""},
      {.content = "#pragma once\n",
       .findings = "a.h:1: a header begins with a comment that says what it is\n"},
      {.content = "// What it is.\n", .findings = "a.h:1: a header needs #pragma once\n"},
      {.content = "// What it is.\n#pragma once\n  using namespace std;\n",
       .findings = "a.h:3: a header must not open a namespace for its includers\n"},
  };
  for (const Case& c : cases) CHECK(to_string(check_headers({{"a.h", c.content}})) == c.findings);
  CHECK(check_headers({{"a.cpp", "using namespace std;\n"}}).empty());
}

TEST_CASE("lines are counted with and without an end on the last one") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\n\nb\n").size() == 3);
  CHECK(lines_of("a\n\nb").size() == 3);
}

TEST_CASE("a folder exists when a file is below it") {
  const Tree tree = {{"docs/decisions/one.md", ""}, {"docs-old.md", ""}};
  CHECK(exists(tree, "docs"));
  CHECK(exists(tree, "docs/decisions/"));
  CHECK(exists(tree, "docs/decisions/../decisions/one.md"));
  CHECK(exists(tree, "."));
  CHECK_FALSE(exists(tree, "doc"));
  CHECK_FALSE(exists(tree, "../docs"));
}

}  // namespace
}  // namespace docmill::house

#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

// What is found in docs/a.md, in a project with a few files around it.
std::string findings_in(const std::string& content) {
  return to_string(check_documents({{"CHANGELOG.md", ""},
                                    {"Makefile",
                                     "help:  ## this list\nrun: build\nX := 1\n"
                                     "make-run: x\nbuild:\n"},
                                    {"docs/a.md", content},
                                    {"tests/a_test.cpp", "int a();\nint b();\n"},
                                    {"docs/pictures/b.svg", ""}}));
}

TEST_CASE("a project without a changelog is found") {
  CHECK(to_string(check_documents({})) == "CHANGELOG.md:1: there must be a changelog\n");
}

TEST_CASE("a link to a file that is not there is found") {
  CHECK(findings_in("x\nsee [b](b.svg)\n") ==
        "docs/a.md:2: link to b.svg: there is no such file\n");
  CHECK(findings_in("[b](../../up.md)\n") ==
        "docs/a.md:1: link to ../../up.md: there is no such file\n");
}

TEST_CASE("links that lead somewhere pass, and what only looks like a link does too") {
  for (const std::string line :
       {"[b](pictures/b.svg) and [up](../CHANGELOG.md#unreleased \"title\")", "[folder](pictures/)",
        "[top](#words)", "[site](https://example.org/x) [mail](mailto:a@example.org)",
        "`array[0](x)` is code", "```\ncall[i](nowhere)\n```"}) {
    INFO(line);
    CHECK(findings_in(line).empty());
  }
}

TEST_CASE("a make verb that the Makefile has not is found, in prose and in blocks") {
  CHECK(findings_in("run `make fly` now\n") ==
        "docs/a.md:1: make fly: the Makefile has no such verb\n");
  CHECK(findings_in("```\n$ make fly KILLS=3\n```\n") ==
        "docs/a.md:2: make fly: the Makefile has no such verb\n");
  CHECK(findings_in("```\ncd docmill && make fly\n```\n") ==
        "docs/a.md:2: make fly: the Makefile has no such verb\n");
}

TEST_CASE("C++ in a document that no test compiles is found") {
  CHECK(findings_in("x\n```cpp\nint b();\n```\n").empty());
  CHECK(findings_in("x\n```cpp\nint b();\n```\ny\n```cpp\nint c();\n```\n") ==
        "docs/a.md:6: this C++ stands in no test; put it into one, word for word\n");
}

TEST_CASE("make verbs that exist pass, and prose about making does too") {
  for (const std::string line :
       {"`make build`, `make make-run`", "we make sure", "```\nmake help\n```",
        "```\napt-get install git make\n```", "```\n// to make progress\n```"}) {
    INFO(line);
    CHECK(findings_in(line).empty());
  }
}

}  // namespace
}  // namespace docmill::house

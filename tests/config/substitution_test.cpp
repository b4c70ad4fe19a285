#include "shared/config/substitution.h"

#include <cstdlib>
#include <fstream>

#include "tests/config/catalog.h"
#include "tests/store/temp_folder.h"
#include "tests/support/catch.h"

namespace docmill::test {
namespace {

struct Case {
  std::string text;
  std::string filled;
};

TEST_CASE("What stands elsewhere is filled in, and everything else is as it was written") {
  const TempFolder folder;
  const std::string file = folder.path() / "token";
  std::ofstream(file) << "top ${env:DOCMILL_TEST}\n\r\n";
  setenv("DOCMILL_TEST", "secret", 1);
  setenv("DOCMILL_EMPTY", "", 1);
  for (const Case& test : std::vector<Case>{
           {"${env:DOCMILL_TEST}", "secret"},
           {"Bearer ${env:DOCMILL_TEST}, ${env:DOCMILL_TEST}!", "Bearer secret, secret!"},
           {"${env:DOCMILL_EMPTY}", ""},
           // What was filled in is not looked at again.
           {"a${file:" + file + "}b", "atop ${env:DOCMILL_TEST}b"},
           {"$${env:DOCMILL_TEST}", "${env:DOCMILL_TEST}"},
           {"costs $5, ${x}, ${", "costs $5, ${x}, ${"},
           {"$", "$"},
           {"", ""},
       }) {
    INFO(test.text);
    const Result<std::string> filled = substitute(test.text);
    REQUIRE(filled.ok());
    CHECK(*filled == test.filled);
  }
}

TEST_CASE("What cannot be filled in is named") {
  const TempFolder folder;
  const std::string large = folder.path() / "large";
  std::ofstream(large) << std::string((64 << 10) + 1, 'x');
  for (const Case& test : std::vector<Case>{
           {"${env:DOCMILL_MISSING}",
            "expected the environment variable 'DOCMILL_MISSING', found none; set it where this "
            "program is started"},
           {"${file:/nowhere/token}",
            "expected a file '/nowhere/token' that can be read, found: No such file or directory"},
           {"${file:/}", "expected a file '/' that can be read, found: Is a directory"},
           {"${file:" + large + "}",
            "expected at most 64 KiB in the file '" + large + "', found more"},
           {"a ${env:X", "expected a '}' behind '${env:X'"},
       }) {
    INFO(test.text);
    const Result<std::string> filled = substitute(test.text);
    REQUIRE_FALSE(filled.ok());
    CHECK(filled.error().text == test.filled);
  }
}

TEST_CASE("A finding about a value from elsewhere does not show it") {
  setenv("DOCMILL_TEST", "secret", 1);
  CHECK(findings_of(minimal("transformer: { workers: \"${env:DOCMILL_TEST}\" }")) ==
        "books.yaml:4: transformer.workers: must be a whole number, got what "
        "'${env:DOCMILL_TEST}' stands for\n");
  CHECK(
      findings_of(minimal("transformer: { advertise: \"a:${env:DOCMILL_TEST}\" }")) ==
      "books.yaml:4: transformer.advertise: must be a host that producers can connect to, without "
      "a port, got what 'a:${env:DOCMILL_TEST}' stands for\n");
  CHECK(findings_of(minimal("transformer: { workers: \"${env:DOCMILL_MISSING}\" }")) ==
        "books.yaml:4: transformer.workers: expected the environment variable 'DOCMILL_MISSING', "
        "found none; set it where this program is started\n");
}

TEST_CASE("What was filled in is used, and the canonical text has only its name") {
  setenv("DOCMILL_TEST", "secret", 1);
  const Catalog catalog;
  Findings findings;
  const auto config = parse_pipeline(
      minimal("transformer: { processors: [ set: { path: a, value: \"${env:DOCMILL_TEST}\" } ] }"),
      "books.yaml", catalog.sets(), {}, findings);
  REQUIRE(config);
  const Component& chosen = config->transformer.processors.front();
  CHECK(std::any_cast<SetConfig>(chosen.config).value == "secret");
  CHECK(canonical_text(config->transformer.processors) ==
        R"([{"set": {"path": "a", "value": "${env:DOCMILL_TEST}"}}])");
}

}  // namespace
}  // namespace docmill::test

// The rules of the house, held against the project itself. tests/house/ has the rules, and the
// proof of each that it can fail.
#include <iostream>

#include "tests/house/rules.h"
#include "tests/support/catch.h"

namespace docmill::house {
namespace {

const Tree& project() {
  static const Tree kTree = read_tree(DOCMILL_SOURCE_DIR);
  return kTree;
}

// Prints the findings itself: Catch would wrap the lines, and an editor could not jump to them.
std::size_t findings_of(Findings (*rule)(const Tree&)) {
  const Findings findings = rule(project());
  std::cerr << to_string(findings);
  return findings.size();
}

TEST_CASE("the project is read whole") {
  CHECK(project().contains("Makefile"));
  CHECK(project().contains("shared/base/result.h"));
  CHECK(project().contains("tests/house_test.cpp"));
}

TEST_CASE("includes follow the arrows") { CHECK(findings_of(check_arrows) == 0); }
TEST_CASE("libraries stop in the files that wrap them") {
  CHECK(findings_of(check_libraries) == 0);
}
TEST_CASE("no file is too long") { CHECK(findings_of(check_lengths) == 0); }
TEST_CASE("headers say what they are") { CHECK(findings_of(check_headers) == 0); }
TEST_CASE("every component is in its catalog and tested") {
  CHECK(findings_of(check_components) == 0);
}
TEST_CASE("nothing is unfinished or of one machine") { CHECK(findings_of(check_words) == 0); }
TEST_CASE("no test sleeps") { CHECK(findings_of(check_sleeps) == 0); }
TEST_CASE("an errno is classified in one place") { CHECK(findings_of(check_errors) == 0); }
TEST_CASE("documents lead somewhere") { CHECK(findings_of(check_documents) == 0); }

}  // namespace
}  // namespace docmill::house

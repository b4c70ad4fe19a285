// TestReport: what became of one test, and how people and build servers read it. Values and pure
// functions.
#pragma once

#include <string>
#include <vector>

#include "cli/testing/judgement.h"
#include "shared/base/units.h"

namespace docmill {

struct TestReport {
  std::string file;  // the pipeline file
  int line = 0;      // of the test in it
  std::string name;
  std::vector<Difference> differences;  // none: passed
  std::vector<std::string> log;         // what the components said
  Duration took{};

  bool passed() const { return differences.empty(); }
};

// "ok     books.yaml:20: a book becomes JSON", or FAILED and what differs below it: "-" is what was
// expected, "+" what was found.
std::string report_text(const TestReport& report, bool colour);
// "3 tests: 2 ok, 1 failed".
std::string summary_text(const std::vector<TestReport>& reports);
// The same as JUnit's XML: a suite for each file, a case for each test.
std::string junit_xml(const std::vector<TestReport>& reports);

}  // namespace docmill

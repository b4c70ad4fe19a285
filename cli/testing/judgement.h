// Judgement: in what the outcome of a test differs from what the test says.
//
// JSON is compared by what it says: the order of members and the writing of strings do not count,
// numbers count digit by digit. Everything else is compared byte by byte, but for one line break at
// the end. Not for several threads.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/testing/line_diff.h"
#include "cli/testing/sample.h"
#include "cli/testing/test_run.h"
#include "shared/config/test_config.h"

namespace docmill {

struct Difference {
  std::string text;             // "output: expected 2 documents, found 3"
  std::vector<DiffLine> lines;  // may be empty
};

class Judgement {
 public:
  // folder: where the files of the tests are seen from.
  explicit Judgement(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // None: the test is passed.
  std::vector<Difference> differences(const TestConfig& test, const TestOutcome& outcome);

 private:
  using Samples = std::vector<Sample>;

  void compare(std::string_view what, const Samples& expected, const Samples& found);
  void count(std::string_view what, std::uint64_t expected, std::uint64_t found);
  void judge_outputs(const TestConfig& test, const TestOutcome& outcome);
  void judge_dead(const std::vector<TestDeadLetter>& expected, const TestOutcome& outcome);
  void judge_dead_count(std::uint64_t expected, const TestOutcome& outcome);

  std::filesystem::path folder_;
  SampleComparison comparison_;
  std::vector<Difference> differences_;  // so far
};

}  // namespace docmill

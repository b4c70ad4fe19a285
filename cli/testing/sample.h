// Sample: a document as a test expects it or as it was found; and the two of them compared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/testing/test_run.h"
#include "shared/config/test_config.h"
#include "shared/document/json_scanner.h"

namespace docmill {

struct Sample {
  std::string bytes;
  Format format = Format::kText;
  // Expected as text or in a file: its format is the one of what is found, as far as it fits.
  bool any_format = false;
  std::string failure = {};  // why it could not be read
};

// folder: where a file of the test is seen from.
Sample sample_of(const TestDocument& document, const std::filesystem::path& folder);
Sample sample_of(const TestOutcome::Made& made);

// Keeps its memory. Not for several threads.
class SampleComparison {
 public:
  // What people see of the two; equal texts where the two are equal, different ones otherwise.
  struct Texts {
    std::string expected;
    std::string found;
    bool differ = false;
    std::string remark = {};  // what lines do not show well
  };

  SampleComparison();
  Texts compare(const Sample& expected, const Sample& found);
  // One that has no counterpart.
  std::string text(const Sample& sample);

 private:
  // The JSON over several lines; nothing when it is none.
  std::optional<std::string> pretty(const Sample& sample, JsonTape& tape, const JsonTape* like);

  JsonScanner scanner_;
  JsonTape expected_;
  JsonTape found_;
};

}  // namespace docmill

// docmill test: the `tests` of pipeline files, run in this process through the sources and
// processors that the daemons run.
#pragma once

#include <string>
#include <vector>

namespace docmill {

struct TestOptions {
  std::vector<std::string> files;
  std::string only;   // the name of the tests to run; empty: all
  std::string junit;  // where a report for build servers goes; empty: nowhere
};

// 0; 1 when a test fails or a file has none; 64 when no test is called like that, 74 when the
// report cannot be written, 78 for findings in a file, and then nothing runs.
int test_command(const TestOptions& options);

}  // namespace docmill

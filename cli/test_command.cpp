#include "cli/test_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "cli/catalogs.h"
#include "cli/testing/judgement.h"
#include "cli/testing/test_report.h"
#include "cli/testing/test_run.h"
#include "shared/base/clock.h"
#include "shared/base/put_text.h"
#include "shared/base/text.h"
#include "shared/runtime/exit_code.h"
#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

struct TestFile {
  std::string path;
  PipelineConfig config;
  std::unique_ptr<TestRun> run;  // of config; a file stays where it is

  std::filesystem::path folder() const { return std::filesystem::path(path).parent_path(); }
};

bool is_coloured() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return isatty(STDOUT_FILENO) == 1 && !dumb && !set("NO_COLOR");
}

std::string numbered_name(std::size_t number) { return fmt::format("test {}", number); }

// Loads every file, so that all findings of all files are told at once.
class TestCommand {
 public:
  explicit TestCommand(const TestOptions& options) : options_(options), coloured_(is_coloured()) {}

  int run() {
    for (const std::string& file : options_.files) load(file);
    if (code_ == kExitConfig) return code_;
    if (!options_.only.empty() && !is_known(options_.only)) return kExitUsage;
    for (const auto& file : files_) run_file(*file);
    put_text("{}", summary_text(reports_));
    if (!options_.junit.empty() && !write_junit()) return kExitIo;
    return code_;
  }

 private:
  void load(const std::string& path) {
    Findings findings;
    ComponentSets sets = catalogs_.sets();
    sets.tests = true;
    auto config = load_pipeline(path, sets, {}, findings);
    if (!config) {
      std::fputs(findings.text().c_str(), stderr);
      code_ = kExitConfig;
      return;
    }
    if (config->tests.empty()) {
      put_text(stderr, "{}: expected a section 'tests' with at least one test, found none\n", path);
      if (code_ == kExitOk) code_ = kExitTestFailed;
      return;
    }
    files_.push_back(std::make_unique<TestFile>(TestFile{path, std::move(*config), nullptr}));
    TestFile& file = *files_.back();
    auto run = TestRun::open(file.config, file.folder());
    if (!run) {
      put_text(stderr, "{}: {}\n", path, run.error().text);
      code_ = kExitConfig;
      return;
    }
    file.run = std::move(*run);
  }

  // A test answers to its name and to its number.
  bool is_chosen(const TestFile& file, std::size_t i) const {
    return options_.only.empty() || options_.only == file.config.tests[i].name ||
           options_.only == numbered_name(i + 1);
  }

  bool is_known(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const auto& file : files_) {
      for (std::size_t i = 0; i < file->config.tests.size(); ++i) {
        if (is_chosen(*file, i)) return true;
        if (const std::string& known = file->config.tests[i].name; !known.empty()) {
          names.push_back(known);
        }
      }
    }
    const std::string_view near = nearest(name, names);
    put_text(stderr, "--only: no test is called '{}'; {}\n", name,
             near.empty() ? "without it all run, each told by its name"
                          : fmt::format("did you mean '{}'?", near));
    return false;
  }

  void run_file(TestFile& file) {
    Judgement judgement(file.folder());
    for (std::size_t i = 0; i < file.config.tests.size(); ++i) {
      if (!is_chosen(file, i)) continue;
      const TestConfig& test = file.config.tests[i];
      const Time began = clock_.now();
      TestReport report{.file = file.path,
                        .line = test.line,
                        .name = test.name.empty() ? numbered_name(i + 1) : test.name,
                        .differences = {},
                        .log = {}};
      if (auto outcome = file.run->run(test)) {
        report.differences = judgement.differences(test, *outcome);
        report.log = std::move(outcome->log);
      } else {
        report.differences.push_back({.text = "input: " + outcome.error().text, .lines = {}});
      }
      report.took = clock_.now() - began;
      if (!report.passed() && code_ == kExitOk) code_ = kExitTestFailed;
      put_text("{}", report_text(report, coloured_));
      reports_.push_back(std::move(report));
    }
  }

  bool write_junit() const {
    std::ofstream file(options_.junit, std::ios::binary);
    file << junit_xml(reports_);
    file.close();
    if (file) return true;
    put_text(stderr, "{}: {}; name a file that this user may write\n", options_.junit,
             error_text(errno));
    return false;
  }

  const TestOptions& options_;
  bool coloured_;
  Catalogs catalogs_;
  SystemClock clock_;
  std::vector<std::unique_ptr<TestFile>> files_;
  std::vector<TestReport> reports_;
  int code_ = kExitOk;
};

}  // namespace

int test_command(const TestOptions& options) { return TestCommand(options).run(); }

}  // namespace docmill

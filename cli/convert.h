// docmill convert: one document from XML to one line of JSON or from JSON to XML, through the code
// of `to_json` and `to_xml`, without a pipeline.
#pragma once

#include <string>
#include <vector>

namespace docmill {

struct ConvertOptions {
  std::string file;             // empty: standard input
  std::string to = "json";      // or "xml"
  std::string convention = {};  // of the JSON; empty: natural to XML
  std::vector<std::string> force_list = {};
};

// 0; 64 for a wrong option, 65 for a document that is not well-formed (with line and column),
// 66 for a file that cannot be read, 74 for an output that cannot be written.
int convert_command(const ConvertOptions& options);

}  // namespace docmill

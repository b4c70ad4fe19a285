// docmill convert: one XML document to one line of JSON, through the code of `to_json`, without a
// pipeline.
#pragma once

#include <string>
#include <vector>

namespace docmill {

struct ConvertOptions {
  std::string file;  // empty: standard input
  std::vector<std::string> force_list;
};

// 0; 64 for a wrong --force-list, 65 for a document that is not well-formed (with line and column),
// 66 for a file that cannot be read, 74 for an output that cannot be written.
int convert_command(const ConvertOptions& options);

}  // namespace docmill

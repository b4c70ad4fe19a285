// docmill convert: documents or records of them, from XML to JSON or from JSON to XML, through the
// code of the processors, without a pipeline.
#pragma once

#include <string>
#include <vector>

#include "cli/conversion.h"

namespace docmill {

struct ConvertOptions {
  std::vector<std::string> files;  // none: standard input
  std::string split;  // the elements that are records; empty: files are whole documents
  unsigned jobs = 1;  // threads that convert records
  ConversionOptions conversion;
};

// 0; 64 for a wrong option, 65 for a document that is not well-formed (with line and column),
// 66 for a file that cannot be read, 74 for an output that cannot be written. With several files or
// records the others are converted all the same.
int convert_command(const ConvertOptions& options);

}  // namespace docmill

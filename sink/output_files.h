// That no two outputs of a sink, and no output and the dead letters, can give a file the same name,
// and that no two outputs keep the documents of one receiver in one spool.
//
// Outputs that have one path are found with the pipeline file (path_checks.h). Here are the names
// that outputs make: numbers, compressions, `.open` and the values of documents.
#pragma once

#include <string>

#include "shared/config/findings.h"
#include "shared/config/pipeline.h"

namespace docmill {

// Reports each output, and the dead letters, that may use a name or the spool of an output before
// it. The config was loaded with all outputs.
void check_output_files(const PipelineConfig& config, const Place& file);

// The same as one error.
Result<void> check_output_files(const PipelineConfig& config);

}  // namespace docmill

// The part of `docmill run` for a file with raw links at both ends of its transformer: transformers
// alone, until they are told to stop. There is no state, and no balance: nobody knows what was sent
// to them.
#pragma once

#include "cli/supervision.h"

namespace docmill {

// 0 after an orderly end, else the code of a transformer that could not go on.
int run_raw(const PipelineConfig& config, const RunOptions& options, Signals& stop);

}  // namespace docmill

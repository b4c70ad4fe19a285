// docmill check: reports everything that is wrong with a pipeline file.
#pragma once

#include <optional>
#include <string>

#include "shared/config/pipeline.h"

namespace docmill {

// Loads the file, and makes its processors, which reads their stylesheets and schemas. Nothing, and
// the findings on standard error, when it cannot be used.
std::optional<PipelineConfig> load_checked(const std::string& file, bool with_tests);

int check_command(const std::string& file);

}  // namespace docmill

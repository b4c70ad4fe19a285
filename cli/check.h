// docmill check: every finding of a pipeline file, before anything starts.
#pragma once

#include <string>

namespace docmill {

// Findings on standard error and 78, or "FILE: ok" and 0.
int check_command(const std::string& file);

}  // namespace docmill

// Substitution: ${env:NAME} and ${file:PATH} in a value of a pipeline file, so that secrets stand
// elsewhere.
//
// Each host fills in its own. Nothing that is printed, logged or sent shows what was filled in.
// Reads the environment and files; any thread.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

// The text with each ${env:NAME} as the value of that variable and each ${file:PATH} as the content
// of that file (at most 64 KiB, without line breaks at its end). $${ stands for ${. Any other $ is
// itself. The error names what is missing.
Result<std::string> substitute(std::string_view text);

// A finding about a value, by its text in the file: as it is, or, when something was filled in,
// without the value.
std::string without_secret(std::string finding, std::string_view written);

}  // namespace docmill

// What a document seems to be, by its first character. Pure functions.
#pragma once

#include <string_view>

#include "shared/document/document.h"

namespace docmill {

// '<' is XML, '{' or '[' is JSON, everything else is text. White space and a byte order mark do not
// count; XML may be UTF-16.
Format guess_format(std::string_view document);

}  // namespace docmill

// The setting `watch` of the sources that read files.
#pragma once

#include <string_view>

namespace docmill {

constexpr std::string_view kWatchMeaning =
    "Go on without an end: what is there is read, then each file that is closed after writing or "
    "renamed into the folder; one that is written again is read again.";

constexpr std::string_view kWatchAlone =
    "watch cannot share files by claims; give each producer a folder, with {producer} in the path";

}  // namespace docmill

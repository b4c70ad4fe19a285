// Moving a file into a folder where other files may have its name.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "shared/base/result.h"

namespace docmill {

// "a.xml.gz" and 2: "a-2.xml.gz". A number stands before the ending, so that patterns still match.
std::string numbered_name(const std::string& name, std::size_t number);

// Renames the file into the folder, under its own name or the first numbered one that is free;
// never over another file. Not synced. Gone already is not an error. Errors begin with the path;
// kUnavailable when the disk is full, else kConfig.
Result<void> move_file(const std::filesystem::path& file, const std::filesystem::path& folder);

// Removes the file. The same errors.
Result<void> delete_file(const std::filesystem::path& file);

}  // namespace docmill

// Small files of docmill's own that are read and written as a whole.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

// 0, or the error number; ENOENT: there is no such file.
int read_whole(Disk& disk, const std::filesystem::path& path, std::string& text);
// Replaces the file. Durable when it returns, and never there in part.
Result<void> write_whole(Disk& disk, const std::filesystem::path& path, const std::string& text);

}  // namespace docmill

// RotatedFiles: the files beside a followed path whose names begin with its own: the file itself,
// what it was renamed to, and copies of it.
//
// Values; reads the folder when asked to.
#pragma once

#include <filesystem>
#include <vector>

#include "producer/follow/file_trace.h"
#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

struct RotatedFile {
  std::filesystem::path path;
  FileTrace identity;
};

// The oldest first, without compressed ones. An incomplete list is an Error: a file that is missing
// from it would never be read.
Result<std::vector<RotatedFile>> rotated_files(Disk& disk, const std::filesystem::path& followed);

}  // namespace docmill

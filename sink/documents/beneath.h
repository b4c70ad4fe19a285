// Folders beneath a folder, opened so that no name and no symbolic link leads out of it.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"

namespace docmill {

// The folder `relative` ("a/b"; "" is the root itself), made where it is missing. shown: the root's
// path, for messages. kConfig for what stands in the way, a symbolic link too; kUnavailable when
// the disk is full.
Result<DiskFile> open_beneath(const DiskFile& root, const std::string& shown,
                              std::string_view relative);

}  // namespace docmill

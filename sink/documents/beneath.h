// Folders beneath a folder, opened so that no name and no symbolic link leads out of it.
#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"

namespace docmill {

// The folder `relative` ("a/b"; "" is the root itself), made where it is missing. A folder whose
// name a file has already is "a~1" instead, or "a~2" and so on. shown: the root's path, for
// messages. kConfig for a symbolic link, and for what this user may not do; kUnavailable when the
// disk is full.
Result<DiskFile> open_beneath(const DiskFile& root, const std::string& shown,
                              std::string_view relative);

}  // namespace docmill

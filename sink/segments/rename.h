// Renames that are durable and never replace a file.
#pragma once

#include <string>

#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

// Both names are in one folder, which is synced. False: a file has the new name already, and both
// stay as they are.
Result<bool> rename_new(Disk& disk, const std::string& from, const std::string& to);

}  // namespace docmill

// Folders that are still there after a power cut.
//
// A file or folder is durable when the folder that names it has been synced too; a new file is not
// durable by its own sync alone.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"

namespace docmill {

// Creates the folder, and those above it, where they are missing. Durable when this returns, also
// when another process made them and did not sync.
Result<void> make_folder(Disk& disk, const std::filesystem::path& path, mode_t mode);

// The same for folders that a power cut may take, such as those of sockets and logs: syncs nothing.
Result<void> make_folder_unsynced(Disk& disk, const std::filesystem::path& path, mode_t mode);

// The names in the folder are durable when this returns. kCorrupt when the disk does not do it: a
// sync that failed must not be tried again, the kernel may have dropped what it was about.
Result<void> sync_folder(Disk& disk, const std::filesystem::path& path);

// Whether the path leads to a file or folder.
bool is_there(Disk& disk, const std::filesystem::path& path);

// sync() of the file; 0 or the error number. Any failure but an interruption, which is passed over,
// is final, also when its number is a transient one: the kernel has marked the pages clean, and a
// second sync would succeed without having written them.
int sync_data(const DiskFile& file);

// The folder that holds the path's last name.
std::filesystem::path folder_of(const std::filesystem::path& path);

}  // namespace docmill

// RotatedFiles: the files beside a followed path whose names begin with its own: the file itself,
// what it was renamed to, and copies of it.
//
// Other programs rename these files at any time. So a list is one state of the folder, and a file
// is opened by its name only if it is the file that was listed. After an Error nothing may be
// concluded from the list; list the files again.
#pragma once

#include <filesystem>
#include <vector>

#include "producer/follow/file_trace.h"
#include "shared/base/result.h"
#include "shared/store/disk.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

struct RotatedFile {
  std::filesystem::path path;
  FileTrace identity;
};

// The oldest first, each file once, without compressed ones. An incomplete list is an Error: a file
// that is missing from it would never be read. kUnavailable: files were renamed all the time.
Result<std::vector<RotatedFile>> rotated_files(Disk& disk, const std::filesystem::path& followed);

// Those of the files, in the folder of the path and in that of the file to which it leads, under
// any name, that have the inode and the creation time of one of the traces. The list may be
// incomplete while files are renamed.
Result<std::vector<RotatedFile>> known_files(Disk& disk, const std::filesystem::path& followed,
                                             const std::vector<FileTrace>& traces);

// Other programs keep such files beside a log: a position, a lock, an editor's file, one that is
// not complete. Not to be read, although such a file may be a known one under a new name.
bool is_helper(const std::filesystem::path& path);

// kUnavailable: the name does not lead to this file any more.
Result<FileDescriptor> open_rotated(Disk& disk, const RotatedFile& listed);

}  // namespace docmill

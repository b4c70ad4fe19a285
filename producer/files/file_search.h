// Which files a path stands for right now.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "producer/files/known_file.h"
#include "shared/base/result.h"

namespace docmill {

// The names that path means, sorted byte by byte: of files, and of whatever else is there. Reading
// the names is one call, however many they are (about a microsecond each); looking at the files
// takes much longer and is the caller's.
Result<std::vector<std::string>> search_names(const std::string& path);

// The regular files that path means, sorted by name (byte by byte): a file, the files of a folder
// (not of the folders in it), or a pattern with * ? [a-z]. A path that exists is taken as it is,
// whatever characters it has. Hidden files are found only by their own name. None is not an error;
// kConfig when a folder cannot be read, the text beginning with the path.
Result<std::vector<KnownFile>> search_files(const std::string& path);

// Whether it has characters of a pattern.
inline bool is_pattern(const std::string& path) { return path.find_first_of("*?[") != path.npos; }

// The file as it is now; none when it is gone, no regular file, or behind a broken link.
Result<std::optional<KnownFile>> look_at(const std::string& path);

// Whether the file there, `now`, is the known one or a copy of it: `cp -a`, `rsync -a` or a
// restored backup keeps the size and the time, and gives another inode. A time in whole seconds may
// have been that of several files. So may the time of a file that was made just then, as it was
// written and not copied.
bool is_still_there(const KnownFile& then, const KnownFile& now);

// When the file there was made, in nanoseconds since 1970; 0: the file system does not tell.
std::int64_t birth_of(const std::string& path);

// Why a symbolic link leads to no file that can be read, where that is not just because nothing is
// there: it leads to itself, or through a folder that this user may not enter. Empty for all else.
std::string broken_link(const std::string& path);

}  // namespace docmill

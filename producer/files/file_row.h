// SeenFile: a file of a FileCatalog as a row of the SourceCatalog.
//
// A row of the SourceCatalog is a text, "file 1 SIZE INODE MODIFIED PATH": the version of the row,
// bytes, a number, nanoseconds since 1970; the path is the rest of the row, whatever it holds. A
// compressed file has version 2, "file 2 SIZE INODE MODIFIED gzip PATH" (or zstd): what is known of
// earlier runs is not judged again by its first bytes, so that it is read as it was read then. A
// file that could not be read completely is "failed 1 SIZE INODE MODIFIED COMPRESSION PATH", where
// the compression is plain, gzip or zstd. A file that is done, and may have been moved away since,
// is "done 1 SIZE INODE MODIFIED PATH", with version 2 if it had failed. Version 3, or 4 if it had
// failed, is "done 3 SIZE INODE MODIFIED BORN PATH" with the time at which the file was made, so
// that another file with the inode of one that has left is told from it. When it is away, its row
// is forgotten.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "producer/files/known_file.h"

namespace docmill {

struct SeenFile {
  KnownFile file;
  bool done = false;      // every document is settled, and it leaves its place
  bool failed = false;    // it was not read completely
  std::int64_t born = 0;  // of a done one: nanoseconds since 1970; 0: not known
};

std::string row_of(const SeenFile& seen);
// Nothing: a row that this version does not understand.
std::optional<SeenFile> parse_row(std::string_view row);

}  // namespace docmill

// FileCopies: which files have the content of a followed one, as `cp` makes them, for example for
// logrotate's copytruncate.
//
// Pure functions on files. An Error: one of the files cannot be opened or read, or is not the one
// that was listed.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "producer/follow/file_trace.h"
#include "producer/follow/rotated_files.h"
#include "shared/base/result.h"

namespace docmill {

struct FileCopies {
  std::optional<RotatedFile> complete;  // has everything up to the trace's offset
  std::vector<RotatedFile> others;      // have nothing that the complete one does not have
  // Begin like the file and end before the trace's offset; no complete one tells whether they are
  // copies.
  std::vector<RotatedFile> doubtful;
};

// A file of which copies may have been made.
struct Original {
  FileTrace trace;
  int file = -1;  // open; -1: it may be among the listed ones
};

// The copies of a file that was truncated or deleted.
Result<FileCopies> copies_of(Disk& disk, const FileTrace& gone,
                             const std::vector<RotatedFile>& among);

// Whether it is a copy of one of those. Only files with a full sample are compared: short ones may
// begin in the same way by chance, and a file that is no copy must be read. Where the original is
// gone, a copy is known only when it ends where the original did.
Result<bool> is_copy_of(Disk& disk, const std::vector<Original>& known,
                        const std::vector<RotatedFile>& listed, const RotatedFile& one);

}  // namespace docmill

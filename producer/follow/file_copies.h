// FileCopies: which files have the content of a followed one, as `cp` makes them, for example for
// logrotate's copytruncate, or for a disk to which the files are moved.
//
// Pure functions on files. A file that cannot be read keeps no other one from being compared. An
// Error: a file is not the one that was listed, or cannot be opened for now.
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
  std::vector<Error> unreadable;  // of files that may be copies, too
};

// A file of which copies may have been made.
struct Original {
  FileTrace trace;
  int file = -1;  // open; -1: it may be among the listed ones
};

// The copies of a file that was truncated or deleted.
Result<FileCopies> copies_of(Disk& disk, const FileTrace& gone,
                             const std::vector<RotatedFile>& among);

// What a file is to those that are known.
struct Likeness {
  enum class Kind {
    kNone,
    kCopy,   // of a file that exists
    kMoved,  // it has all that was read of a file that does not exist any more
  };
  Kind kind = Kind::kNone;
  FileTrace original = {};  // its trace
  bool has_more = false;    // kMoved: there are bytes behind what was read
};

// Compares an open file. Only files with a full sample are compared: short ones may begin in the
// same way by chance, and a file that is no copy must be read. Where the file system tells no
// creation time, the inode tells more than chance.
Result<Likeness> likeness_of(Disk& disk, int file, const FileTrace& identity,
                             const std::vector<Original>& known,
                             const std::vector<RotatedFile>& listed);

}  // namespace docmill

// FollowedFile: a file that others append to, read as far as it has whole lines, and known again
// under another name.
//
// A file is what its inode and its first bytes say it is: an inode alone may be given to the next
// file. `life` is random, given when the file is first met; with the number of a byte it is the key
// of a line, so that a line that is read again after a crash is known. One thread; a resource.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "producer/spooled/line_intake.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

// What is kept of a file.
struct FileTrace {
  std::uint64_t life = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;         // when it was made, in nanoseconds; see identity_of()
  std::uint64_t head_bytes = 0;  // at most 256
  std::uint64_t head_hash = 0;
  std::uint64_t offset = 0;  // behind the last line that is in the spool
  bool left = false;         // it was read to its end, and is not read any more
};

// When the file was made, which a new name does not change; where the file system does not know,
// when it was written last. None: it is no file.
std::optional<FileTrace> identity_of(const std::filesystem::path& path);

class FollowedFile {
 public:
  // The file at that path, from its beginning; or, with a trace, from there, when it is that file.
  // None when there is no file, or it is another one. An Error when it cannot be opened.
  static Result<std::optional<FollowedFile>> open(const std::filesystem::path& path,
                                                  FormatChoice format, Bytes limit,
                                                  const std::optional<FileTrace>& trace = {});

  // Reads a megabyte, or what there is, and gives its lines, not many more than `most`. Returns how
  // many bytes were read; none need not be the end.
  Result<std::size_t> read(Spool& spool, std::uint64_t most);
  // The last read() found that there is nothing more, and all its lines are given.
  bool at_end() const { return at_end_ && !lines_.waits(); }
  // Nothing more will come: what follows the last "\n" is a line, too.
  Result<void> finish(Spool& spool) { return lines_.give(spool, true); }

  // As it is now: shorter than what was read, or with another beginning, it was written anew.
  bool is_cut() const;
  bool is(std::uint64_t inode) const { return trace_.inode == inode; }
  bool waits() const { return lines_.waits(); }
  // What it gives may be in the spool already, under the same keys: until one line was new.
  bool repeats() const { return repeats_; }
  FileTrace trace() const;

 private:
  FollowedFile(FileDescriptor file, const FileTrace& trace, const std::filesystem::path& path,
               FormatChoice format, Bytes limit);

  FileDescriptor file_;
  FileTrace trace_;
  LineIntake lines_;
  bool repeats_ = false;
  bool at_end_ = false;
};

}  // namespace docmill

// FileTrace: what identifies a followed file, and how far it has been read.
//
// An inode alone may be reused, and a name moves on to the next file. So a file is compared by its
// content, too: its first bytes, and the last bytes before the position. Values; pure functions on
// files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>

#include "shared/base/result.h"

namespace docmill {

struct FileTrace {
  static constexpr std::size_t kMaxSample = 256;

  std::uint64_t life = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;         // creation time in nanoseconds; see identity_of()
  bool has_birth = true;         // false: `born` is the time of the last write; not saved
  std::uint64_t head_bytes = 0;  // size of the sample at the start of the file
  std::uint64_t head_hash = 0;
  std::uint64_t tail_end = 0;  // where the other sample ends; at most `offset`
  std::uint64_t tail_bytes = 0;
  std::uint64_t tail_hash = 0;
  std::uint64_t offset = 0;   // behind the last line that is in the spool
  bool left = false;          // read to its end, and not read any more
  std::uint64_t copy_of = 0;  // the life of the file whose copy it is; not saved
};

// Device, inode and creation time, which a new name does not change; where the file system has no
// creation time, the time of the last write. None: no regular file, or none that the path leads to;
// links may be broken. An Error: the path cannot be looked at now.
Result<std::optional<FileTrace>> identity_of(const std::filesystem::path& path);
std::optional<FileTrace> identity_of(int file);

// Two looks at files that both exist, or whose device did not change in between.
bool is_same_file(const FileTrace& one, const FileTrace& other);
// The same where the trace may be of an earlier boot, in which devices had other numbers.
bool is_known_file(const FileTrace& trace, const FileTrace& found);

// The trace of the same content in another file.
FileTrace moved(FileTrace trace, const FileTrace& identity);

// What an open file has of the content that a trace describes.
enum class Content {
  kOther,  // something else
  kPart,   // the same start, but it ends before the trace's offset
  kWhole,  // everything up to the offset
};
// An Error when the file cannot be read.
Result<Content> content_of(int file, const FileTrace& trace);

// Whether the first bytes of two files are the same, as far as samples of both tell.
Result<bool> have_same_bytes(int one, int other, std::uint64_t bytes);
// Whether a file has nothing but the first bytes of the other one, as far as samples of both tell.
Result<bool> is_beginning_of(int part, int whole);

// Samples the first bytes of a file.
Result<void> read_head(int file, FileTrace& trace);

// The trace of a file as if all that it has now had been read.
Result<FileTrace> whole_trace(int file, const FileTrace& identity);

}  // namespace docmill

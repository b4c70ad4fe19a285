// FollowedFile: a file that others append to, read as far as it has whole lines, and known again
// under another name.
//
// FileTrace identifies the file. Its `life` is random, given when the file is first met; with the
// number of a byte it is the key of a line, so that a line that is read again after a crash is
// known. One thread; a resource.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "producer/follow/file_trace.h"
#include "producer/spooled/line_intake.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FollowedFile {
 public:
  // An open file, from its start and under a new life. path: for the lines.
  static FollowedFile begin(FileDescriptor file, const FileTrace& identity,
                            const std::filesystem::path& path, FormatChoice format, Bytes limit);
  // A file that has the content of the trace, from there on.
  static FollowedFile resume(FileDescriptor file, const FileTrace& trace,
                             const std::filesystem::path& path, FormatChoice format, Bytes limit);
  // The same open file, begun again; this object must not be used any more.
  FollowedFile restart(const std::filesystem::path& path, FormatChoice format, Bytes limit) {
    return begin(std::move(file_), moved({}, trace_), path, format, limit);
  }

  // Samples its start unless that is known. False: the file is empty. Before that it must not be
  // read, since nothing would tell it from another file.
  bool sample_start();
  // Reads a megabyte, or what there is, and gives its lines, not many more than `most`. Returns how
  // many bytes were read; none need not be the end. A file that was cut gives nothing more, also
  // when it has grown beyond the position since: see is_cut().
  Result<std::size_t> read(Spool& spool, std::uint64_t most);
  // How many NUL bytes read() has passed over at the start of the file, once data came behind them.
  // A program that does not append leaves them when its file is cut: it writes on where it was.
  std::uint64_t take_passed_over();
  // The last read() found that there is nothing more, and all its lines are given.
  bool at_end() const { return at_end_ && !lines_.waits(); }
  // Gives the whole lines that waited for room in the spool, without reading.
  Result<void> give(Spool& spool) { return lines_.give(spool, false); }
  // Nothing more will come: what follows the last "\n" is a line, too.
  Result<void> finish(Spool& spool) { return lines_.give(spool, true); }

  // It is shorter than what was read, or has other content: it was truncated or overwritten.
  bool is_cut() const;
  // It has no name any more.
  bool is_deleted() const;
  bool is(std::uint64_t inode) const { return trace_.inode == inode; }
  bool waits() const { return lines_.waits(); }
  // Lines behind the offset may be in the spool already; until catch_up().
  bool repeats() const { return repeats_; }
  // Skips the lines that the spool knows. Before the first read(). False: there were none.
  bool catch_up(const Spool& spool);
  // No line behind the trace's offset is in the spool.
  void continues() { repeats_ = false; }
  FileTrace trace() const;
  // The given lines are durable. False: nothing has changed since the last call.
  bool kept();
  // To compare other files with it.
  int number() const { return file_.number(); }
  // How far its lines are durable; trace() may be ahead.
  FileTrace kept_trace() const;
  // Each given line is durable.
  bool is_kept() const { return kept_.offset == lines_.given(); }
  std::uint64_t head_bytes() const { return trace_.head_bytes; }

 private:
  FollowedFile(FileDescriptor file, const FileTrace& trace, const std::filesystem::path& path,
               FormatChoice format, Bytes limit);
  void start_at(std::uint64_t offset);
  // Reads once. Returns how many bytes came: none at the end, or when the file was cut.
  Result<std::size_t> read_piece();
  // Passes over NUL bytes up to that position; behind: what was read behind them.
  void pass_hole(std::uint64_t end, std::string_view behind);
  // Whether the bytes before that position are still those that were read.
  Result<bool> has_bytes_before(std::uint64_t position) const;
  void sample_head();
  void sample_tail();

  FileDescriptor file_;
  FileTrace trace_;
  FileTrace kept_;  // with the offset and the tail that are durable; its head may be older
  LineIntake lines_;
  std::string recent_;  // the last bytes that were read
  bool repeats_ = false;
  std::uint64_t passed_over_ = 0;
  bool at_end_ = false;
  bool cut_ = false;  // read() has found other bytes before the position
};

}  // namespace docmill

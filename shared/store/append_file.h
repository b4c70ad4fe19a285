// AppendFile: a file that only grows, and that holds after a crash exactly what was committed.
//
// The order that makes it so: append, sync(), then the ledger commits mark(), then the next one.
// Bytes behind the committed length are cut off when the next ones are appended, or when the ledger
// is known to be current: until then an older copy of the ledger must not destroy what a newer one
// has committed. One thread; a resource; the file is locked against a second writer for as long as
// the object lives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"
#include "shared/store/file_mark.h"

namespace docmill {

class AppendFile {
 public:
  // committed: the length that the ledger knows, none when it does not know the file. Creates the
  // file and its folders when nothing is committed yet. kCorrupt when the file contradicts the
  // ledger; it is left as it is. The disk must outlive the file. Use LedgerStore::open_file where
  // there is a ledger.
  static Result<AppendFile> open(Disk& disk, const std::string& path,
                                 std::optional<std::uint64_t> committed);
  // The file of this mark, which may be at another path than the mark's. kCorrupt also when the
  // file there is somebody else's.
  static Result<AppendFile> open(Disk& disk, const std::string& path, const FileMark& mark);

  // Takes the bytes into the current group. Memory only.
  void append(std::string_view bytes) { group_ += bytes; }
  // Makes the group durable, in the file at the path. kUnavailable: no room; the group is kept,
  // call again. kCorrupt: the disk did not do it, and what it holds is not known, or the file was
  // moved, removed or cut; the process must end.
  Result<void> sync();

  // Replaces all that is durable by these bytes and keeps the group. The file is empty for a
  // moment; what kUnavailable leaves is an empty file, and the call can be repeated.
  Result<void> start_again(std::string_view bytes);
  // The file has another name now.
  void renamed(std::string path) { path_ = std::move(path); }

  const std::string& path() const { return path_; }
  // What was appended and is not durable yet.
  const std::string& group() const { return group_; }
  // What is durable.
  std::uint64_t length() const { return length_; }
  FileMark mark() const { return {path_, length_, false, identity_, tail_, FileGrowth::kPlain}; }
  // How much is in the file behind the committed length: the last process ended before its commit,
  // or the ledger is an older copy.
  std::uint64_t uncommitted() const { return uncommitted_; }
  // The ledger is no older copy: the next sync() cuts off what is not committed. Memory only.
  void on_current_ledger() { is_current_ = true; }
  // Whether bytes behind the committed length are kept for now.
  bool keeps_uncommitted() const { return uncommitted_ > 0 && !is_current_ && group_.empty(); }
  // Cuts off what is not committed, and syncs that. Errors as of sync().
  Result<void> cut_back();

 private:
  AppendFile(std::string path, DiskFile file, const FileFacts& found, std::uint64_t length)
      : path_(std::move(path)),
        file_(std::move(file)),
        identity_(found.identity),
        length_(length),
        uncommitted_(found.size - length) {}

  Result<void> shorten(std::uint64_t length);
  // Writes the group behind the durable length; 0 or the error number.
  int write_group();
  // Whether the file is at its path and has this length, the tail at its end.
  Result<void> check_path(std::uint64_t length, const FileTail& tail);
  // The same once the group is synced; tail: of the group.
  Result<void> check_group(const FileTail& tail);
  Error broken(std::string_view action, int error_number);
  Error displaced(std::uint64_t expected, std::string_view found);

  std::string path_;
  DiskFile file_;
  FileIdentity identity_;
  FileTail tail_;
  std::uint64_t length_;
  std::uint64_t uncommitted_;
  bool is_current_ = false;
  std::string group_;
  bool broken_ = false;
};

}  // namespace docmill

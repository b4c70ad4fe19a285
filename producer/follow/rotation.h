// Rotation: the files of a followed path: those that are read, in the order in which they were
// written, and those that were read to their end.
//
// A file is known by what it is, not by its name, as others rename it at any time. A look takes one
// list of the folder and handles the files in it from the oldest to the newest: each unknown one is
// read, unless it is a copy of a known one. A look that meets a renamed file decides nothing about
// it, and is repeated. A file that cannot be read is passed over, and tried again. One thread.
#pragma once

#include <list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "producer/follow/file_copies.h"
#include "producer/follow/follow_position.h"
#include "producer/follow/followed_file.h"
#include "producer/follow/left_files.h"
#include "producer/follow/rotated_files.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"

namespace docmill {

struct FollowSettings {
  std::string path;
  FormatChoice format = FormatChoice::kAuto;
  Bytes limit;  // of a line
};

class Rotation {
 public:
  // How long a file that was renamed may be silent before it is left.
  static constexpr Duration kPatience = std::chrono::seconds(5);

  struct Followed {
    FollowedFile file;
    Time quiet{};  // since when nothing has come
    // Bytes of its head that are saved. It is read when there are some: else another file, after a
    // crash, could be taken for this one, and its lines for those that are in the spool.
    std::uint64_t named = 0;
    bool cut = false;  // truncated or overwritten: not read any more
  };
  using Files = std::list<Followed>;

  Rotation(FollowSettings settings, Disk& disk, const Clock& clock, Log& log)
      : settings_(std::move(settings)), disk_(disk), clock_(clock), log_(log) {}

  // Finds the files again that an earlier run has read. False: no file is there at all, and nothing
  // was concluded from that.
  Result<bool> find_again(const FollowedPath& saved);
  // Looks for truncated and for new files. After an Error call it again.
  Result<void> look();

  // The one that is written to comes last.
  Files& files() { return files_; }
  const Files& files() const { return files_; }
  bool is_newest(Files::iterator one) const { return std::next(one) == files_.end(); }
  // Stops reading it; returns the one behind it.
  Files::iterator leave(Files::iterator one);

  // Skips the lines that an earlier run has put into the spool. True: offsets have changed.
  bool catch_up(const Spool& spool);
  // The given lines are durable. True: offsets have changed.
  bool kept();
  // The position for find_again(), without the names of the path; of durable lines only.
  FollowedPath state() const;
  // Files came, were left or have a head since state() was saved.
  bool changed() const { return changed_; }
  void saved();

 private:
  // rotation_finding.cpp: what an earlier run has read.
  Result<bool> find_all(const FollowedPath& saved);
  Result<bool> find(const FileTrace& trace, const std::vector<RotatedFile>& rotated,
                    Files::iterator before);
  Result<void> find_elsewhere(std::vector<FileTrace>& missing);
  // Files that could not be read when they were found.
  Result<void> find_waiting();
  void lose(const FileTrace& trace);
  // Resumes a file that is gone in the unknown file at the path, if that has all that was read.
  Result<bool> find_at_path(const FileTrace& trace, const std::vector<RotatedFile>& rotated);
  Result<void> look_once();
  Result<void> look_at_all(bool again);
  Result<void> replace_cut();
  // Reads a file that is gone on in its copy, which is inserted before that position. repeats:
  // lines behind the trace's offset may be in the spool. False: none was found.
  Result<bool> continue_in_copy(const FileTrace& gone, bool repeats,
                                std::vector<RotatedFile> rotated, Files::iterator before);
  // rotation_unknown.cpp. again: also when the file at the path is known.
  Result<void> look_for_new(bool again);
  Result<void> begin(const std::vector<RotatedFile>& rotated);
  Result<void> take_current(const RotatedFile& one, const std::vector<RotatedFile>& rotated);
  Result<void> take_other(const RotatedFile& one, const std::vector<RotatedFile>& rotated);
  // The file at the path has taken the place of a deleted one and has its lines, as after `sed -i`:
  // it is read from where the other one was. False: it is another file.
  Result<bool> resume_replacement(const RotatedFile& one);
  // A file that was left is at the path again: a rotation was undone, a link points back to it, or
  // its name is used in turn.
  Result<void> take_back(const RotatedFile& one, const FileTrace& left,
                         const std::vector<RotatedFile>& rotated);
  // Reads it on from where the trace is. before: see files().
  void resume(const RotatedFile& one, FileDescriptor file, FileTrace trace, Files::iterator before);
  // It has all that the trace says of a file that does not exist any more, and more.
  void resume_moved(const RotatedFile& one, FileDescriptor file, FileTrace trace);
  // life: of the file whose copy it is; 0: it was there before.
  void leave_unread(const RotatedFile& one, std::uint64_t life);
  void add(const RotatedFile& one, FileDescriptor file, const std::vector<RotatedFile>& rotated);
  void sample_starts();
  void leave(const FileTrace& trace);
  // Logs once that a file cannot be read.
  void skip(const Error& error);

  bool is_at_path(const RotatedFile& one) const {
    return one.path.filename() == std::filesystem::path(settings_.path).filename();
  }
  bool is_news(const RotatedFile& one) const;
  // It is read, or will be when that is possible.
  bool follows(const FileTrace& found) const;
  bool knows(const FileTrace& found) const { return follows(found) || left_.has(found); }
  std::vector<Original> originals() const;

  FollowSettings settings_;
  Disk& disk_;
  const Clock& clock_;
  Log& log_;
  Files files_;
  LeftFiles left_;
  std::vector<FileTrace> waiting_;  // known files that cannot be read
  std::optional<Time> retry_;       // when files that cannot be read are tried again
  std::set<std::string> said_;      // why they cannot be read
  bool begun_ = false;              // a look has found a file at the path
  std::optional<FileTrace> first_;  // what was at the path when it was looked at first
  bool replaced_ = false;  // others may have been made of a file without a new one at the path
  bool changed_ = false;
};

// kConfig: the path leads to something that cannot be followed. A missing file may still come.
Result<void> check_followed(Disk& disk, const std::filesystem::path& path);

}  // namespace docmill

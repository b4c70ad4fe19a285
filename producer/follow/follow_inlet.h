// FollowInlet: the lines of a file that grows, through its rotation, each in the spool once.
//
// A file that was renamed is read on, also after a restart, until a newer one is at its place and
// nothing has come for a while. When a file was copied and truncated, its copy is read on instead.
// What the spool has is written down from time to time and before the spool forgets it; what was
// not written down is read again, and known by its keys.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "producer/follow/follow_position.h"
#include "producer/follow/followed_file.h"
#include "producer/follow/rotated_files.h"
#include "producer/spooled/inlet.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"

namespace docmill {

struct FollowSettings {
  std::string path;
  FormatChoice format = FormatChoice::kAuto;
  Bytes limit;                   // of a line
  std::filesystem::path folder;  // of the producer's state
};

class FollowInlet final : public Inlet {
 public:
  // Finds the files again that an earlier run has read. kConfig: the path is no file that can be
  // followed.
  static Result<std::unique_ptr<Inlet>> open(FollowSettings settings, Disk& disk,
                                             const Clock& clock, Log& log);

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  bool may_forget() override { return save(); }

 private:
  struct Followed {
    FollowedFile file;
    Time quiet{};  // since when nothing has come
    // Bytes of its head that are saved. It is read when there are some: else another file, after a
    // crash, could be taken for this one, and its lines for those that are in the spool.
    std::uint64_t named = 0;
    bool cut = false;  // truncated or overwritten: not read any more
  };

  FollowInlet(FollowSettings settings, Disk& disk, const Clock& clock, Log& log)
      : settings_(std::move(settings)),
        disk_(disk),
        clock_(clock),
        log_(log),
        position_(settings_.folder / "follow.position") {}

  Result<void> find_again(const std::vector<FollowedPath>& paths);
  Result<bool> find(const FileTrace& trace, const std::vector<RotatedFile>& rotated);
  // Files that came and were renamed while nobody looked: made after the last one that was known.
  Result<bool> add_rotated();
  // Looks for truncated and for new files.
  Result<void> look();
  Result<void> replace_cut();
  // Reads a file that is gone on in its copy, which is inserted before that position. repeats:
  // lines behind the trace's offset may be in the spool. False: there is no copy.
  Result<bool> continue_in_copy(const FileTrace& gone, bool repeats,
                                std::vector<RotatedFile> rotated,
                                std::list<Followed>::iterator before);
  Result<void> look_for_new();
  // Saves the heads of files that are not empty any more.
  void name_files(Time now);
  void leave(FileTrace trace);
  bool is_followed(const RotatedFile& one) const {  // at the path itself
    return one.path.filename() == std::filesystem::path(settings_.path).filename();
  }
  bool is_news(const RotatedFile& one) const;
  // False when it cannot be added now; nor can those that came after it.
  Result<bool> add(const std::filesystem::path& path);
  bool knows(const FileTrace& found) const;
  bool repeats() const;
  std::vector<FileTrace> traces() const;
  // False when it cannot be written now, what is taken in is not durable yet, or what an earlier
  // run has taken in is still being read again.
  bool save();

  FollowSettings settings_;
  Disk& disk_;
  const Clock& clock_;
  Log& log_;
  FollowPosition position_;
  std::list<Followed> files_;           // the newest last
  std::deque<FileTrace> left_;          // the last ones
  std::optional<std::int64_t> newest_;  // the latest creation time of all that was seen
  bool saved_ = true;                   // what position_ has is what is in the spool
  bool pending_ = false;                // what was taken in may not be durable
  std::uint64_t unsaved_ = 0;           // lines that are in the spool and not in position_
  Time next_look_{};
  std::string said_;  // what was wrong when it was looked at last
};

}  // namespace docmill

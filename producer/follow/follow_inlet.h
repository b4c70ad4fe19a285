// FollowInlet: the lines of a file that grows, through its rotation, each in the spool once.
//
// A file that was renamed is read on, also after a restart, until a newer one is at its place and
// nothing has come for a while. What the spool has is written down from time to time and before the
// spool forgets it; what was not written down is read again, and known by its keys.
#pragma once

#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "producer/follow/follow_position.h"
#include "producer/follow/followed_file.h"
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
  static Result<std::unique_ptr<Inlet>> open(FollowSettings settings, const Clock& clock, Log& log);

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  bool may_forget() override { return save(); }

 private:
  struct Followed {
    FollowedFile file;
    Time quiet{};  // since when nothing has come
  };

  FollowInlet(FollowSettings settings, const Clock& clock, Log& log)
      : settings_(std::move(settings)),
        clock_(clock),
        log_(log),
        position_(settings_.folder / "follow.position", settings_.path) {}

  Result<void> find_again(const std::vector<FileTrace>& traces);
  Result<bool> find(const FileTrace& trace);
  // Files that came and were renamed while nobody looked: made after the last one that was known.
  Result<bool> add_rotated();
  // Whether one was cut, and whether others came.
  Result<void> look();
  Result<void> look_for_new();
  void leave(FileTrace trace);
  // False when it cannot be added now; nor can those that came after it.
  Result<bool> add(const std::filesystem::path& path);
  bool knows(const FileTrace& found) const;
  bool repeats() const;
  // False when it cannot be written now, what is taken in is not durable yet, or what an earlier
  // run has taken in is still being read again.
  bool save();

  FollowSettings settings_;
  const Clock& clock_;
  Log& log_;
  FollowPosition position_;
  std::list<Followed> files_;           // the newest last
  std::deque<FileTrace> left_;          // the last ones
  std::optional<std::int64_t> newest_;  // when it was made
  bool saved_ = true;                   // what position_ has is what is in the spool
  bool pending_ = false;                // what was taken in may not be durable
  std::uint64_t unsaved_ = 0;           // lines that are in the spool and not in position_
  Time next_look_{};
  std::string said_;  // what was wrong when it was looked at last
};

}  // namespace docmill

// FollowInlet: the lines of a file that grows, through its rotation, each in the spool once.
//
// A file that was renamed is read on, also after a restart, until a newer one is at its place and
// nothing has come for a while. When a file was copied and truncated, its copy is read on instead.
// What the spool has is written down from time to time and before the spool forgets it; what was
// not written down is read again, and known by its keys.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "producer/files/plain_path.h"
#include "producer/follow/follow_position.h"
#include "producer/follow/rotation.h"
#include "producer/spooled/inlet.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/store/disk.h"

namespace docmill {

class FollowInlet final : public Inlet {
 public:
  // Finds the files again that an earlier run has read. folder: of the producer's state. kConfig:
  // the path cannot be followed. kUnavailable: files are renamed all the time.
  static Result<std::unique_ptr<Inlet>> open(const FollowSettings& settings,
                                             const std::filesystem::path& folder, Disk& disk,
                                             const Clock& clock, Log& log);

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  bool may_forget() override { return found_ && !former_lags_ && save(); }

 private:
  FollowInlet(const FollowSettings& settings, const std::filesystem::path& folder, Disk& disk,
              const Clock& clock, Log& log)
      : path_(settings.path),
        spelled_(plain_path(settings.path)),
        name_(spelled_),
        disk_(disk),
        clock_(clock),
        log_(log),
        rotation_(settings, disk, clock, log),
        position_(folder / "follow.position") {}

  // False: the files that were read are away now, so that a file to come cannot be told from them.
  Result<bool> find_again();
  bool find_later();
  bool is_ours(const FollowedPath& saved) const;
  // False: it cannot be done now.
  bool catch_up_former(const Spool& spool);
  void look(const Spool& spool);
  Result<void> read_files(Spool& spool);
  // Whether an earlier run may have put lines into the spool that are read again now.
  bool repeats() const;
  // Writes down how far the lines are durable. False: it cannot be written now, or the spool may
  // have more lines of an earlier run.
  bool save();

  std::string path_;
  std::string spelled_;               // the same, absolute
  std::string name_;                  // the path without links, as far as it was known last
  std::vector<FollowedPath> others_;  // paths that earlier configurations had, the latest last
  bool found_ = false;                // find_again() has found the path among them, or none
  bool former_lags_ = false;          // the spool may have more of the last of them
  Disk& disk_;
  const Clock& clock_;
  Log& log_;
  Rotation rotation_;
  FollowPosition position_;
  bool saved_ = true;          // position_ has the offsets of the durable lines
  std::uint64_t unsaved_ = 0;  // durable lines that are not in position_
  std::uint64_t pending_ = 0;  // lines that may not be durable yet
  Time next_look_{};
  std::string reported_;      // what was wrong with the last look
  std::string save_failure_;  // what was wrong with the last save(), reported
};

}  // namespace docmill

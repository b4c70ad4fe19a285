// FollowInlet: the lines of a file that grows, through its rotation, each in the spool once.
//
// A file that was renamed is read on, also after a restart, until a newer one is at its place and
// nothing has come for a while. When a file was copied and truncated, its copy is read on instead.
// What the spool has is written down from time to time and before the spool forgets it; what was
// not written down is read again, and known by its keys.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "producer/files/plain_path.h"
#include "producer/follow/follow_position.h"
#include "producer/follow/rotation.h"
#include "producer/source_context.h"
#include "producer/spooled/inlet.h"

namespace docmill {

class FollowInlet final : public Inlet {
 public:
  // Finds the files again that an earlier run has read. kConfig: the path cannot be followed.
  // kUnavailable: files are renamed all the time.
  static Result<std::unique_ptr<Inlet>> open(const FollowSettings& settings,
                                             const SourceContext& context);

  Result<void> take_in(Spool& spool) override;
  void kept() override;
  bool may_forget() override;

 private:
  // Which save may use the reserve of the state folder: the one before room is given back.
  enum class Room { kFree, kReserve };

  FollowInlet(const FollowSettings& settings, const SourceContext& context)
      : path_(settings.path),
        spelled_(plain_path(settings.path)),
        name_(spelled_),
        disk_(*context.disk),
        clock_(context.clock),
        log_(context.log),
        reserve_(context.reserve),
        rotation_(settings, disk_, clock_, log_),
        position_(disk_, context.folder / "follow.position") {}

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
  bool save(Room room = Room::kFree);

  std::string path_;
  std::string spelled_;               // the same, absolute
  std::string name_;                  // the path without links, as far as it was known last
  std::vector<FollowedPath> others_;  // paths that earlier configurations had, the latest last
  bool found_ = false;                // find_again() has found the path among them, or none
  bool former_lags_ = false;          // the spool may have more of the last of them
  Disk& disk_;
  const Clock& clock_;
  Log& log_;
  DiskReserve* reserve_;  // null: none
  Rotation rotation_;
  FollowPosition position_;
  bool saved_ = true;          // position_ has the offsets of the durable lines
  std::uint64_t unsaved_ = 0;  // durable lines that are not in position_
  std::uint64_t pending_ = 0;  // lines that may not be durable yet
  Time next_look_{};
  Time next_save_{};          // before room is given back, after a save that failed
  std::string reported_;      // what was wrong with the last look
  std::string save_failure_;  // what was wrong with the last save(), reported
};

}  // namespace docmill

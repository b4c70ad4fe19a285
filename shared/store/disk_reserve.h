// DiskReserve: bytes that are kept back on the disk of a state folder, for the commits that a full
// disk must not stop.
//
// A spool gives back the room of what is settled after a commit, and the commit needs a little room
// itself. When something else takes the last bytes of the disk, each would wait for the other. So a
// file of 256 KiB is removed for a commit that finds no room, and is written again when there is
// some. One thread; a value with a file; the disk must outlive it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "shared/base/clock.h"
#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

class DiskReserve {
 public:
  static constexpr std::uint64_t kBytes = 256 << 10;
  static constexpr const char* kName = "reserve";

  // In this folder; restore() makes the file.
  DiskReserve(Disk& disk, const std::filesystem::path& folder)
      : disk_(&disk), path_(folder / kName) {}

  // Runs the commit. When it is kUnavailable on a full disk it is run again, first with what the
  // database can give back itself, and then with the room of the reserve.
  Result<void> commit(const std::function<Result<void>()>& commit);
  // Writes the file if it is not there. A disk without room is tried again after a while.
  void restore(Time now);

 private:
  // Whether the file could be written, to the end, beside the one that may be there.
  bool has_room() const;

  Disk* disk_;
  std::filesystem::path path_;
  bool is_there_ = false;  // and durable
  Time next_try_{};
};

}  // namespace docmill

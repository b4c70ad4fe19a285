// DiskReserve: bytes that are kept back on the disk of a state folder, for the writes that a full
// disk must not stop.
//
// A spool gives back the room of settled documents after a commit, a watched folder loses its
// settled files after one, and each commit needs a little room itself. When something else takes
// the last bytes of the disk, each would wait for the other. So a file of 256 KiB is removed for a
// write that finds no room, and is written again when there is some.
//
// Every writer of a state folder uses the reserve of its StateFolder: the databases do so for each
// open and each transaction. One thread; the disk must outlive it.
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

  // Runs the write. When it is kUnavailable on a full disk it is run again, first with the room
  // that a database can give back itself, and then with the room of the reserve.
  Result<void> with_room(const std::function<Result<void>()>& write);
  // Writes the file if it is missing. A disk without room is tried again after a while, and at once
  // when the reserve was used.
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

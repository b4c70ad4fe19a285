// DiskReserve: bytes that are kept back on the disk of a state folder, for the writes that a full
// disk must not stop.
//
// A spool gives back the room of settled documents after a commit, a watched folder loses its
// settled files after one, and each commit needs a little room itself. When something else takes
// the last bytes of the disk, each would wait for the other. So a file of 256 KiB gets shorter for
// a write that finds no room, step by step, and is filled up again when there is some.
//
// A StateFolder owns one. The databases in the folder use it for each open and each transaction,
// and so does each other write that must come before room is given back. One thread; the disk must
// outlive it.
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
  // Fills the file up. A disk without room is tried again after a while, and at once when the
  // reserve was used.
  void restore(Time now);

 private:
  // Whether the file could be written, to the end, beside the one that may be there.
  bool has_room() const;

  Disk* disk_;
  std::filesystem::path path_;
  bool is_there_ = false;  // all of it, and durable
  Time next_try_{};
};

// The same where there may be no reserve: null.
Result<void> with_room(DiskReserve* reserve, const std::function<Result<void>()>& write);

}  // namespace docmill

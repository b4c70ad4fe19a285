// FormerEpoch: the epoch of a producer's state that was moved aside, in the file NAME.epoch beside
// the state folder NAME, so that the next state begins with a later one whatever the clock says.
//
// Sinks refuse an epoch that is earlier than one that they know. A value.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

class FormerEpoch {
 public:
  // The disk must outlive it.
  FormerEpoch(Disk& disk, const std::filesystem::path& state, const std::string& name)
      : disk_(&disk), file_(state / (name + ".epoch")) {}

  // 0: none was moved aside.
  Result<std::uint64_t> read() const;
  // Durable when it returns; the later one of this epoch and the one that is there stays.
  Result<void> keep(std::uint64_t epoch) const;
  // An epoch of now or, where the clock was set back, of the millisecond after the former one.
  Result<std::uint64_t> next() const;

 private:
  Disk* disk_;
  std::filesystem::path file_;
};

}  // namespace docmill

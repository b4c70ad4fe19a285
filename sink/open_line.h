// OpenLine: remembers in the sink's state that a line of standard output has been begun, so that
// the next life of a sink that was killed ends the half of it instead of continuing it.
//
// Nothing is synced: whoever reads a pipe, a terminal or a socket does not survive a power cut
// either, and after a kill the system still has what was written. A regular file needs no memory:
// its last byte tells. One thread; a resource; the disk must outlive it.
#pragma once

#include <filesystem>
#include <string>

#include "shared/base/result.h"
#include "shared/store/disk_file.h"

namespace docmill {

class OpenLine {
 public:
  OpenLine(Disk& disk, std::filesystem::path file) : disk_(disk), path_(std::move(file)) {}

  // Whether an earlier life left a line unfinished in what is standard output now. kUnavailable:
  // it cannot be read now; call again.
  Result<bool> left();
  // Before, or right after, a write that ends within a line. kUnavailable: no room or no
  // descriptor; call again before anything is written.
  Result<void> begin();
  // The line is complete.
  void end();

 private:
  Result<void> put(const char* state);

  Disk& disk_;
  std::filesystem::path path_;
  DiskFile file_;
  bool begun_ = false;
};

}  // namespace docmill

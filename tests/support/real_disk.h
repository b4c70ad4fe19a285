// The disk of the machine that runs the tests, for the stores that a test opens on real files.
#pragma once

#include "shared/store/system_disk.h"

namespace docmill {

inline SystemDisk& real_disk() {
  static SystemDisk disk;  // without state
  return disk;
}

}  // namespace docmill

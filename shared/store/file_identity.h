// FileIdentity: which file it is, whatever its path. A value.
//
// A copy has another identity, and so has a file that was removed and made again. The device is not
// part of it: btrfs, overlayfs and NFS may number devices anew at each mount.
#pragma once

#include <cstdint>

namespace docmill {

struct FileIdentity {
  std::uint64_t number = 0;  // the inode; 0: not known
  std::uint64_t born = 0;    // when it was made, in nanoseconds; 0: the file system does not tell

  bool known() const { return number != 0; }
  bool operator==(const FileIdentity&) const = default;
};

}  // namespace docmill

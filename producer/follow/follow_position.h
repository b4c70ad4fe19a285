// FollowPosition: how far the files of the followed paths are in the spool; a small file in the
// producer's state folder, replaced as a whole. Drawn in docs/stores.md.
//
// One thread. It lies in a state folder, whose lock it relies on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "producer/follow/file_trace.h"
#include "shared/store/disk.h"

namespace docmill {

// The files of one followed path.
struct FollowedPath {
  std::string path;     // the canonical folder and the name; see followed_path()
  std::string spelled;  // the path of the configuration, absolute
  // Unknown files that were created until then are not read: they may have been forgotten.
  std::int64_t seen = 0;
  std::vector<FileTrace> files;
};

// The path without links in its folder, so that every spelling of it is one path. None: the folder
// does not exist now.
std::optional<std::string> followed_path(const std::string& path);

class FollowPosition {
 public:
  // Paths that are followed now, or were before.
  static constexpr std::size_t kMaxPaths = 64;

  // The disk must outlive it.
  FollowPosition(Disk& disk, std::filesystem::path file) : disk_(disk), file_(std::move(file)) {}

  // Empty when nothing was saved. kCorrupt: written by another version; kConfig: it cannot be read.
  Result<std::vector<FollowedPath>> load() const;
  // Saves the last kMaxPaths. Durable when it returns. kUnavailable: no room; the previous content
  // is still there.
  Result<void> save(const std::vector<FollowedPath>& paths) const;

 private:
  Disk& disk_;
  std::filesystem::path file_;
};

}  // namespace docmill

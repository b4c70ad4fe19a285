// FollowPosition: how far the files of a followed path are in the spool; a small file in the
// producer's state folder, replaced as a whole. Drawn in docs/stores.md.
//
// One thread. It lies in a state folder, whose lock it relies on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "producer/follow/followed_file.h"

namespace docmill {

class FollowPosition {
 public:
  // path: of the followed file; one that was kept for another path is not looked at.
  FollowPosition(std::filesystem::path file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  // Empty when nothing was kept. kCorrupt: it is none of this version; kConfig: it cannot be read.
  Result<std::vector<FileTrace>> load() const;
  // Durable when it returns. kUnavailable: no room; what was kept before is still there.
  Result<void> save(const std::vector<FileTrace>& traces) const;

 private:
  std::filesystem::path file_;
  std::string path_;
};

}  // namespace docmill

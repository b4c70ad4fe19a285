// FolderWatch: when it is worth looking for new files, and whether one of them is whole.
//
// The kernel tells when a file of the folder is closed after writing or renamed into it. A folder
// that cannot be watched (a pattern of folders, one of another machine) is looked at every 2 s, and
// so is every other, too: it may be removed and made again. One thread; a resource.
#pragma once

#include <string>

#include "shared/base/clock.h"
#include "shared/base/units.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FolderWatch {
 public:
  // path: a file, a folder or a pattern.
  FolderWatch(const std::string& path, const Clock& clock);

  // True when something came, or it is time; looked() then says that it was looked at.
  bool due();
  void looked();
  // "path: ..." when there is no folder; empty when there is one, or a pattern of them.
  std::string trouble() const;
  // Readable when something came.
  int fd() const { return inotify_.number(); }

 private:
  std::string folder_;
  const Clock& clock_;
  FileDescriptor inotify_;
  bool came_ = true;
  Time next_look_{};
};

// Nobody has the file open for writing. Where the kernel cannot tell (a file of another owner, some
// network file systems): it was not written to for 2 s.
bool is_whole(const std::string& path);

}  // namespace docmill

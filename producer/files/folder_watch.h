// FolderWatch: when it is worth looking for new files, and whether one of them is whole.
//
// The kernel tells when a file of the folder is closed after writing or renamed into it. A folder
// that cannot be watched (a pattern of folders, one of another machine) is looked at every 2 s, and
// so is every other, too: it may be removed and made again. One thread; a resource.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "shared/base/clock.h"
#include "shared/base/units.h"
#include "shared/store/file_descriptor.h"

namespace docmill {

class FolderWatch {
 public:
  // path: a file, a folder or a pattern.
  FolderWatch(const std::string& path, const Clock& clock);

  // True when something came, or it is time; looked() before and rest_after() a search.
  bool due();
  void looked();
  // A search that took this long: the next one waits, so that a large folder takes a tenth of the
  // time at most, however often something comes.
  void rest_after(Duration search) { rest_until_ = clock_.now() + 9 * search; }
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
  Time rest_until_{};
};

// Which files nobody writes to. One thread; a value.
class WholeFiles {
 public:
  // Nobody has the file open for writing. Where the kernel cannot tell (a file of another owner,
  // some network file systems): it was not written to for 2 s.
  bool is_whole(const std::string& path);
  // The same without the kernel, for a file of that size and time of its last change in seconds.
  // That time may lie in the future, as another clock has set it: the file must then be the same in
  // two looks that are 2 s of `now` apart. today: seconds since 1970.
  bool is_quiet(const std::string& path, std::uint64_t size, std::int64_t modified,
                std::int64_t today, Time now);

 private:
  struct Look {
    std::uint64_t size = 0;
    std::int64_t modified = 0;
    Time since{};
  };
  std::map<std::string, Look> looks_;  // at files that may be written to
};

}  // namespace docmill

// InputFolders: whether a file that is missing was deleted, or its whole folder is away: a disk
// that is not mounted, a share that is out of reach.
//
// A folder is away when it is missing; when it is on another device than it was while a file was
// found in it; or when it shows no file and was last changed before one that was in it was written,
// which is how a mount point without its disk looks. To delete a file changes its folder. Where a
// pattern has wildcards for folders, too, one of those folders may be deleted with its files: then
// the folder before the wildcards decides. One thread; a value.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "producer/files/known_file.h"
#include "shared/base/result.h"

namespace docmill {

class InputFolders {
 public:
  // path: a file, a folder or a pattern, as in FileSourceOptions.
  explicit InputFolders(const std::string& path);

  // An earlier run or this one has seen the file.
  void remember(const KnownFile& file);
  // A file was found at that path.
  void found(const std::string& file);
  // For a file that was not found. True: it was deleted, or moved elsewhere. False: it is there
  // again. kUnavailable: its folder is away; the text begins with the folder.
  Result<bool> is_gone(const KnownFile& file) const;

 private:
  Result<void> is_here(const KnownFile& file) const;
  Result<void> is_here(const std::string& folder, const KnownFile& file) const;

  std::string base_;                            // the folder of the path, before any wildcard
  bool deep_ = false;                           // there are folders behind it
  std::int64_t today_ = 0;                      // nanoseconds since 1970, at some time before now
  std::map<std::string, dev_t> devices_;        // of folders, when a file was found in them
  std::map<std::string, std::int64_t> newest_;  // when the last file of a folder was written
};

}  // namespace docmill

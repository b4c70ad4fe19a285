// InputFolders: whether a file that is missing was deleted, or its whole folder is away: a disk
// that is not mounted, a share that is out of reach.
//
// A folder is away when it is missing, or on another device than it was while a file was found in
// it. It is here when it is the very folder in which this process found a file. Any other folder is
// away when it shows no file and was last changed before one that was in it was written, which is
// how a mount point without its disk looks: to delete a file changes its folder. That compares
// clocks, so it decides only what an earlier process found. Where a pattern has wildcards for
// folders, too, one of those folders may be deleted with its files: then the folder before the
// wildcards decides. One thread; a value.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>

#include "producer/files/known_file.h"
#include "shared/base/result.h"
#include "shared/store/file_identity.h"

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
  // Which folder it is, for as long as it stays mounted.
  struct Identity {
    dev_t device = 0;
    FileIdentity folder;
    bool operator==(const Identity&) const = default;
  };

  static std::optional<Identity> identity_of(const std::string& folder);
  void see(const std::string& folder);
  bool is_below_base(const std::string& path) const;
  Result<void> is_here(const KnownFile& file) const;
  Result<void> is_here(const std::string& folder, const KnownFile& file) const;

  std::string base_;                            // the folder of the path, before any wildcard
  bool deep_ = false;                           // there are folders behind it
  std::int64_t today_ = 0;                      // nanoseconds since 1970, at some time before now
  std::map<std::string, Identity> seen_;        // folders, when a file was found in them
  std::map<std::string, std::int64_t> newest_;  // when the last file of a folder was written
};

}  // namespace docmill

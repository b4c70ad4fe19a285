// DoneFiles: moves or deletes the files of which every document is settled, and has the catalog
// forget them.
//
// The order: the checkpoint past the file is durable; the file is marked as done; it leaves its
// place; the folders are synced; it is forgotten. Each step is done again on the next start where
// it was not. A file that is not the one that was read stays, with a warning. So do those that
// cannot be moved, until the next start. A few files go together, as each group costs three or four
// syncs. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "producer/files/file_catalog.h"
#include "producer/files/when_done.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/result.h"

namespace docmill {

class DoneFiles {
 public:
  struct Options {
    WhenDone when_done;  // not kKeep
    std::string key;     // the source's, for messages
    std::string path;    // what the source reads; other files of the catalog are left alone
    bool watched = false;
  };

  // All three outlive it.
  DoneFiles(Options options, FileCatalog& catalog, const Clock& clock, Log& log);

  // All files below this number are settled for good.
  void settled(std::size_t files) { settled_ = files; }
  // Does what is due; all: everything, now. An Error ends the producer; it begins with a field.
  Result<void> work(bool all);

 private:
  Result<void> finish(const std::vector<std::size_t>& files);
  // What is at a file's place: itself; nothing, or another file; what must stay there.
  enum class Found { kSame, kGone, kKept };
  Found look(std::size_t number);
  bool remove(const KnownFile& file);
  // False: it cannot be synced, which was said.
  Result<bool> sync(const std::string& folder);
  bool is_ours(const std::string& path) const;
  void warn_once(const std::string& text);

  Options options_;
  FileCatalog& catalog_;
  const Clock& clock_;
  Log& log_;
  std::size_t next_ = 0;  // the files below were looked at
  std::size_t settled_ = 0;
  Time next_work_{};
  bool warned_ = false;
};

}  // namespace docmill

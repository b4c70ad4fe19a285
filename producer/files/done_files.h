// DoneFiles: moves or deletes the files of which every document is settled, and has the catalog
// forget them.
//
// A file that could not be read completely is never deleted: it is moved to `failed_to`, or stays.
// The order: the checkpoint past the file is durable; the file is marked as done; it leaves its
// place; the folders are synced; it is forgotten. Each step is repeated at the next start if it was
// not completed. A file that is not the one that was read stays, with a warning. So does one that
// cannot be moved, until the next start. Files go in groups, as each group costs three or four
// syncs. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "producer/files/file_catalog.h"
#include "producer/files/file_move.h"
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
  bool pending() const { return next_ < settled_; }
  // Deals with one group if it is due; ending: at once. kUnavailable: call again, not before a
  // while. Any other Error ends the producer. The text begins with a field.
  Result<void> work(bool ending);

 private:
  Result<void> finish(const std::vector<std::size_t>& files);
  // kUnavailable: the folder of one of them is away.
  Result<void> have_left(const std::vector<std::size_t>& files);
  // What is at a file's place: itself; nothing, or another file; what must stay there.
  enum class Found { kSame, kGone, kKept };
  Result<Found> look(std::size_t number);
  // False: it stays, which was logged.
  Result<bool> remove(std::size_t number);
  // False: the folder cannot be synced, which was logged.
  Result<bool> sync(const std::string& folder);
  bool leaves(std::size_t number) const;
  bool is_ours(const std::string& path) const;
  void warn_once(const std::string& text);

  Options options_;
  FileCatalog& catalog_;
  const Clock& clock_;
  Log& log_;
  std::size_t next_ = 0;  // the files below were looked at
  std::size_t settled_ = 0;
  Time next_work_{};
  Time next_try_{};  // after kUnavailable
  MoveTarget done_to_;
  MoveTarget failed_to_;
  bool warned_ = false;
};

}  // namespace docmill

// OldFiles: has the catalog forget files of a watched folder that are settled and stay where they
// are, once it needs their rows no more. Without it a row and its memory would be kept for every
// file ever seen.
//
// A file is forgotten when a later one has its name, and when somebody took it away: it was missing
// in several looks over a minute, while its folder was there. What comes under its name after that
// is new. One thread.
#pragma once

#include <cstddef>
#include <map>

#include "producer/files/file_catalog.h"
#include "shared/base/clock.h"
#include "shared/base/result.h"

namespace docmill {

class OldFiles {
 public:
  // Both outlive it.
  OldFiles(FileCatalog& catalog, const Clock& clock) : catalog_(catalog), clock_(clock) {}

  // All files below this number are settled for good.
  void settled(std::size_t files) { settled_ = files; }
  // Looks at some of them if it is due; call often. The text of an Error begins with a field.
  Result<void> work();

 private:
  struct Missing {
    Time since{};
    int looks = 0;
  };

  bool is_old(std::size_t number);

  FileCatalog& catalog_;
  const Clock& clock_;
  std::size_t settled_ = 0;
  std::size_t next_ = 0;  // the file that is looked at next
  std::map<std::size_t, Missing> missing_;
  Time next_work_{};
  Duration spent_{};  // on this pass
};

}  // namespace docmill

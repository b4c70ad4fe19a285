// FileScan: looks for new files of a source when that is due, and reports in the log what keeps it
// from looking.
//
// Without a watch it is always due. One thread; a resource.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "producer/files/file_catalog.h"
#include "producer/files/folder_watch.h"
#include "shared/base/clock.h"
#include "shared/base/log.h"
#include "shared/base/throttle.h"

namespace docmill {

class FileScan {
 public:
  struct Options {
    std::string key;   // the source's, for messages
    std::string path;  // what the source reads
    bool watched = false;
  };

  // All three outlive it.
  FileScan(Options options, FileCatalog& catalog, const Clock& clock, Log& log);

  bool watched() const { return watch_ != nullptr; }
  // Sees whether something came.
  void serve();
  // How many files are new; nothing: not known yet, call again. When it watches, what is wrong now
  // may be mended later.
  Result<std::optional<std::size_t>> step();
  // Readable when something came; -1: it does not watch.
  int fd() const { return watch_ ? watch_->fd() : -1; }

 private:
  Result<std::optional<std::size_t>> scan();
  void report_trouble(const std::string& text);

  Options options_;
  FileCatalog& catalog_;
  const Clock& clock_;
  Log& log_;
  std::unique_ptr<FolderWatch> watch_;  // null: it does not watch
  bool due_ = true;
  Duration spent_{};      // on the scan that has begun
  std::string reported_;  // what was wrong with the last scan
  Throttle throttle_{std::chrono::hours(1), 16};
};

}  // namespace docmill

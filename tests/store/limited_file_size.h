// For its life no file may grow beyond a size: the kernel itself refuses, for root too. Libraries
// get EFBIG.
#pragma once

#include <signal.h>
#include <sys/resource.h>

namespace docmill {

class LimitedFileSize {
 public:
  explicit LimitedFileSize(rlim_t bytes) : ignored_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~LimitedFileSize() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, ignored_);
  }
  LimitedFileSize(const LimitedFileSize&) = delete;
  LimitedFileSize& operator=(const LimitedFileSize&) = delete;

 private:
  void (*ignored_)(int);
  rlimit before_{};
};

}  // namespace docmill

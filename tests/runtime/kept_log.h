// A log that keeps what was written, for a test to look at. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "shared/base/log.h"

namespace docmill {

class KeptLog final : public Log {
 public:
  void write(LogLevel, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    lines.emplace_back(text);
  }
  std::vector<std::string> kept() {
    const std::lock_guard lock(mutex_);
    return lines;
  }

  std::vector<std::string> lines;  // when nobody else writes

 private:
  std::mutex mutex_;
};

}  // namespace docmill

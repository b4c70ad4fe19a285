// PeakMemory: how much memory the process took at most since this began. A real figure of the
// kernel; nothing is replaced. Only with one thread running, and not under a sanitizer, whose own
// bookkeeping is larger than what is measured.
#pragma once

#include <cstdint>

namespace docmill {

class PeakMemory {
 public:
  PeakMemory();
  // Bytes above what was there at the beginning; 0 under a sanitizer.
  std::uint64_t grown() const;

 private:
  std::uint64_t before_ = 0;
};

}  // namespace docmill

#include "producer/follow/left_files.h"

#include <algorithm>

namespace docmill {

// The one that was created first is forgotten first, so that a file with a time in the future does
// not hide those that come after it.
void LeftFiles::add(FileTrace trace) {
  trace.left = true;
  traces_.push_back(trace);
  if (traces_.size() <= kMax) return;
  const auto oldest = std::min_element(
      traces_.begin(), traces_.end(),
      [](const FileTrace& one, const FileTrace& other) { return one.born < other.born; });
  forgotten_ = std::max(forgotten_, oldest->born);
  traces_.erase(oldest);
}

bool LeftFiles::has(const FileTrace& found) const {
  return std::any_of(traces_.begin(), traces_.end(), [&](const FileTrace& one) {
    return one.inode == found.inode && one.born == found.born;
  });
}

}  // namespace docmill

#include "producer/follow/left_files.h"

#include <algorithm>

namespace docmill {

// The one that was created first is forgotten first, so that a file with a time in the future does
// not hide those that come after it.
void LeftFiles::add(FileTrace trace) {
  trace.left = true;
  remove(trace);
  traces_.push_back(trace);
  if (traces_.size() <= kMax) return;
  const auto oldest = std::min_element(
      traces_.begin(), traces_.end(),
      [](const FileTrace& one, const FileTrace& other) { return one.born < other.born; });
  forgotten_ = std::max(forgotten_, oldest->born);
  traces_.erase(oldest);
}

void LeftFiles::remove(const FileTrace& trace) {
  std::erase_if(traces_, [&](const FileTrace& one) {
    return one.inode == trace.inode && one.born == trace.born && one.life == trace.life;
  });
}

bool LeftFiles::has_copy(const FileTrace& found, std::uint64_t life) const {
  return life != 0 && std::any_of(traces_.begin(), traces_.end(), [&](const FileTrace& one) {
           return one.inode == found.inode && one.born == found.born && one.copy_of == life;
         });
}

std::optional<FileTrace> LeftFiles::find(const FileTrace& found) const {
  const auto last = std::find_if(traces_.rbegin(), traces_.rend(), [&](const FileTrace& one) {
    return one.inode == found.inode && one.born == found.born;
  });
  return last == traces_.rend() ? std::nullopt : std::optional(*last);
}

}  // namespace docmill

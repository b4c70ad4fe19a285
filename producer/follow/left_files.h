// LeftFiles: the files beside a followed path that are not read any more, and those that were there
// before it was followed.
//
// An unknown file is read, so these are remembered; of those that are forgotten, the latest
// creation time. A value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "producer/follow/file_trace.h"

namespace docmill {

class LeftFiles {
 public:
  // A year of daily rotations. The position is written as a whole each time.
  static constexpr std::size_t kMax = 400;

  LeftFiles() = default;
  // forgotten: files that were created until then may have been forgotten.
  explicit LeftFiles(std::int64_t forgotten) : forgotten_(forgotten) {}

  void add(FileTrace trace);
  // The file has another identity now, or is read again.
  void remove(const FileTrace& trace);
  // It is one of them, or may be one that was forgotten.
  bool may_have(const FileTrace& found) const { return found.born <= forgotten_ || has(found); }
  bool has(const FileTrace& found) const { return find(found).has_value(); }
  std::optional<FileTrace> find(const FileTrace& found) const;
  // It is a copy of the file of that life, and was not read.
  bool has_copy(const FileTrace& found, std::uint64_t life) const;
  const std::vector<FileTrace>& traces() const { return traces_; }
  std::int64_t forgotten() const { return forgotten_; }

 private:
  std::vector<FileTrace> traces_;
  std::int64_t forgotten_ = 0;
};

}  // namespace docmill

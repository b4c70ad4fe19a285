#include "producer/follow/file_copies.h"

#include <utility>

namespace docmill {
namespace {

Result<Content> content_of(Disk& disk, const RotatedFile& one, const FileTrace& trace) {
  const auto file = open_rotated(disk, one);
  if (!file) return file.error();
  return content_of(file->number(), trace);
}

}  // namespace

Result<FileCopies> copies_of(Disk& disk, const FileTrace& gone,
                             const std::vector<RotatedFile>& among) {
  FileCopies copies;
  if (gone.head_bytes == 0) return copies;
  for (const RotatedFile& one : among) {
    const auto content = content_of(disk, one, gone);
    if (!content) return content.error();
    if (*content == Content::kOther) continue;
    // Of several complete ones the latest is the longest.
    const bool later = *content == Content::kWhole &&
                       (!copies.complete || copies.complete->identity.born <= one.identity.born);
    if (!later) {
      copies.others.push_back(one);
    } else if (auto earlier = std::exchange(copies.complete, one)) {
      copies.others.push_back(std::move(*earlier));
    }
  }
  return copies;
}

Result<bool> is_copy_of(Disk& disk, const std::vector<FileTrace>& known, const RotatedFile& one) {
  for (const FileTrace& trace : known) {
    if (trace.head_bytes < FileTrace::kMaxSample) continue;
    const auto content = content_of(disk, one, trace);
    if (!content) return content.error();
    if (*content != Content::kOther) return true;
  }
  return false;
}

}  // namespace docmill

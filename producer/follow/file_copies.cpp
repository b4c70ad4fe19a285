#include "producer/follow/file_copies.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace docmill {
namespace {

struct Candidate {
  RotatedFile listed;
  FileDescriptor file;
};

// Of a file that is gone.
Result<bool> ends_like(int file, const FileTrace& gone) {
  struct stat status {};
  if (fstat(file, &status) != 0) {
    return file_error("producer.source.follow", "read", errno, "check the disk");
  }
  if (static_cast<std::uint64_t>(status.st_size) != gone.offset) return false;
  const auto content = content_of(file, gone);
  if (!content) return content.error();
  return *content == Content::kWhole;
}

Result<bool> is_copy_of(Disk& disk, int file, const Original& original,
                        const std::vector<RotatedFile>& listed) {
  if (original.file >= 0) return is_beginning_of(file, original.file);
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const RotatedFile& one) {
    return is_known_file(original.trace, one.identity);
  });
  if (found == listed.end()) return ends_like(file, original.trace);
  const auto opened = open_rotated(disk, *found);
  if (!opened) return opened.error();
  const auto content = content_of(opened->number(), original.trace);
  if (!content) return content.error();
  if (*content != Content::kWhole) return ends_like(file, original.trace);
  return is_beginning_of(file, opened->number());
}

// Leaves the longest of the files in `complete`, the oldest of equal ones. A file that neither is a
// beginning of it nor the reverse is another one, and no copy.
Result<void> choose(std::optional<Candidate>& complete, Candidate other, FileCopies& copies) {
  if (!complete) {
    complete = std::move(other);
    return {};
  }
  const auto is_shorter = is_beginning_of(other.file.number(), complete->file.number());
  if (!is_shorter) return is_shorter.error();
  if (*is_shorter) {
    copies.others.push_back(std::move(other.listed));
    return {};
  }
  const auto is_longer = is_beginning_of(complete->file.number(), other.file.number());
  if (!is_longer) return is_longer.error();
  if (*is_longer) copies.others.push_back(std::exchange(*complete, std::move(other)).listed);
  return {};
}

}  // namespace

Result<FileCopies> copies_of(Disk& disk, const FileTrace& gone,
                             const std::vector<RotatedFile>& among) {
  FileCopies copies;
  if (gone.head_bytes == 0) return copies;
  std::optional<Candidate> complete;
  std::vector<Candidate> parts;
  for (const RotatedFile& one : among) {
    auto file = open_rotated(disk, one);
    if (!file) return file.error();
    const auto content = content_of(file->number(), gone);
    if (!content) return content.error();
    if (*content == Content::kPart) parts.push_back({one, std::move(*file)});
    if (*content != Content::kWhole) continue;
    if (auto chosen = choose(complete, {one, std::move(*file)}, copies); !chosen) {
      return chosen.error();
    }
  }
  for (Candidate& part : parts) {
    if (!complete) {
      copies.doubtful.push_back(std::move(part.listed));
    } else if (auto chosen = choose(complete, std::move(part), copies); !chosen) {
      return chosen.error();
    }
  }
  if (complete) copies.complete = std::move(complete->listed);
  return copies;
}

Result<bool> is_copy_of(Disk& disk, const std::vector<Original>& known,
                        const std::vector<RotatedFile>& listed, const RotatedFile& one) {
  const auto file = open_rotated(disk, one);
  if (!file) return file.error();
  FileTrace start;
  if (auto read = read_head(file->number(), start); !read) return read.error();
  if (start.head_bytes < FileTrace::kMaxSample) return false;
  for (const Original& original : known) {
    if (original.trace.head_bytes < FileTrace::kMaxSample ||
        original.trace.head_hash != start.head_hash) {
      continue;
    }
    const auto copy = is_copy_of(disk, file->number(), original, listed);
    if (!copy || *copy) return copy;
  }
  return false;
}

}  // namespace docmill

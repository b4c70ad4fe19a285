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

bool is_passing(const Error& error) { return error.code == ErrorCode::kUnavailable; }

// To a file that is gone.
Result<Likeness> likeness_of_moved(int file, const FileTrace& gone) {
  struct stat status {};
  if (fstat(file, &status) != 0) {
    return file_error("producer.source.follow", "read", errno, "check the disk");
  }
  const auto content = content_of(file, gone);
  if (!content) return content.error();
  if (*content != Content::kWhole) return Likeness{};
  return Likeness{Likeness::Kind::kMoved, gone,
                  static_cast<std::uint64_t>(status.st_size) > gone.offset};
}

Result<Likeness> likeness_of_copy(int file, int original, const FileTrace& trace) {
  const auto is_copy = is_beginning_of(file, original);
  if (!is_copy) return is_copy.error();
  return *is_copy ? Likeness{Likeness::Kind::kCopy, trace} : Likeness{};
}

Result<Likeness> likeness_of(Disk& disk, int file, const Original& original,
                             const std::vector<RotatedFile>& listed) {
  if (original.file >= 0) return likeness_of_copy(file, original.file, original.trace);
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const RotatedFile& one) {
    return is_known_file(original.trace, one.identity);
  });
  if (found == listed.end()) return likeness_of_moved(file, original.trace);
  const auto opened = open_rotated(disk, *found);
  if (!opened && is_passing(opened.error())) return opened.error();
  if (!opened) return likeness_of_moved(file, original.trace);
  const auto content = content_of(opened->number(), original.trace);
  if (!content || *content != Content::kWhole) return likeness_of_moved(file, original.trace);
  return likeness_of_copy(file, opened->number(), original.trace);
}

// Leaves the longest of the files in `complete`, the oldest of equal ones. A file that neither is a
// beginning of it nor the reverse is another one, and no copy.
void choose(std::optional<Candidate>& complete, Candidate other, FileCopies& copies) {
  if (!complete) {
    complete = std::move(other);
    return;
  }
  const auto is_shorter = is_beginning_of(other.file.number(), complete->file.number());
  const auto is_longer = is_beginning_of(complete->file.number(), other.file.number());
  if (!is_shorter || !is_longer) {
    copies.unreadable.push_back(is_shorter ? is_longer.error() : is_shorter.error());
  } else if (*is_shorter) {
    copies.others.push_back(std::move(other.listed));
  } else if (*is_longer) {
    copies.others.push_back(std::exchange(*complete, std::move(other)).listed);
  }
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
    if (!file && is_passing(file.error())) return file.error();
    const auto content = file ? content_of(file->number(), gone) : Result<Content>(file.error());
    if (!content && is_passing(content.error())) return content.error();
    if (!content) {
      copies.unreadable.push_back(content.error());
      continue;
    }
    if (*content == Content::kPart) parts.push_back({one, std::move(*file)});
    if (*content != Content::kWhole) continue;
    choose(complete, {one, std::move(*file)}, copies);
  }
  for (Candidate& part : parts) {
    if (!complete) {
      copies.doubtful.push_back(std::move(part.listed));
    } else {
      choose(complete, std::move(part), copies);
    }
  }
  if (complete) copies.complete = std::move(complete->listed);
  return copies;
}

Result<Likeness> likeness_of(Disk& disk, int file, const FileTrace& identity,
                             const std::vector<Original>& known,
                             const std::vector<RotatedFile>& listed) {
  FileTrace start;
  if (auto read = read_head(file, start); !read) return read.error();
  Likeness moved;
  for (const Original& original : known) {
    const FileTrace& trace = original.trace;
    const bool is_same_inode =
        !identity.has_birth && trace.left && trace.head_bytes > 0 && trace.inode == identity.inode;
    const bool is_comparable = start.head_bytes == FileTrace::kMaxSample &&
                               trace.head_bytes == FileTrace::kMaxSample &&
                               trace.head_hash == start.head_hash;
    if (!is_same_inode && !is_comparable) continue;
    auto found =
        is_same_inode ? likeness_of_moved(file, trace) : likeness_of(disk, file, original, listed);
    if (!found || found->kind == Likeness::Kind::kCopy) return found;
    const bool has_most =
        found->kind == Likeness::Kind::kMoved &&
        (moved.kind == Likeness::Kind::kNone || trace.offset > moved.original.offset);
    if (has_most) moved = *found;
  }
  return moved;
}

}  // namespace docmill

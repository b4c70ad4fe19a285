// Rotation: the files that an earlier run has read are found again.
#include <algorithm>
#include <utility>

#include "producer/follow/rotation.h"
#include "producer/follow/try_again.h"

namespace docmill {
namespace {

bool has_lines(const FollowedPath& saved) {
  return std::any_of(saved.files.begin(), saved.files.end(),
                     [](const FileTrace& one) { return !one.left && one.head_bytes > 0; });
}

// Earlier versions left files without samples of their content.
FileTrace with_content(Disk& disk, const FileTrace& trace,
                       const std::vector<RotatedFile>& rotated) {
  const auto listed = std::find_if(rotated.begin(), rotated.end(), [&](const RotatedFile& one) {
    return is_known_file(trace, one.identity);
  });
  if (trace.head_bytes > 0 || listed == rotated.end()) return trace;
  const auto file = open_rotated(disk, *listed);
  if (!file) return trace;
  auto whole = whole_trace(file->number(), trace);
  if (!whole) return trace;
  whole->life = trace.life;
  return *whole;
}

}  // namespace

Result<bool> Rotation::find_again(const FollowedPath& saved) {
  return try_again([&] {
    files_.clear();
    left_ = LeftFiles(saved.seen);
    waiting_.clear();
    begun_ = saved.seen > 0 || !saved.files.empty();
    replaced_ = begun_;  // files that came meanwhile may have been passed over
    return find_all(saved);
  });
}

Result<bool> Rotation::find_all(const FollowedPath& saved) {
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  if (rotated->empty() && has_lines(saved)) return false;
  std::vector<FileTrace> missing;
  for (const FileTrace& trace : saved.files) {
    if (trace.left) {
      left_.add(with_content(disk_, trace, *rotated));
      continue;
    }
    const auto found = find(trace, *rotated, files_.end());
    if (!found && found.error().code == ErrorCode::kUnavailable) return found.error();
    if (!found) {
      skip(found.error());
      waiting_.push_back(trace);
      continue;
    }
    if (!*found && trace.head_bytes > 0) missing.push_back(trace);
  }
  if (auto found = find_elsewhere(missing); !found) return found.error();
  // A copy can only be told from the files when all of those are known.
  std::vector<FileTrace> lost;
  for (const FileTrace& trace : missing) {
    const auto found = find_at_path(trace, *rotated);
    if (!found) return found.error();
    if (*found) continue;
    const auto continued = continue_in_copy(trace, true, *rotated, files_.begin());
    if (!continued) return continued.error();
    if (!*continued) lost.push_back(trace);
  }
  for (const FileTrace& trace : lost) lose(trace);
  return true;
}

// The path was a link to a file with another name. Removes what is found from `missing`.
Result<void> Rotation::find_elsewhere(std::vector<FileTrace>& missing) {
  if (missing.empty()) return {};
  auto known = known_files(disk_, settings_.path, missing);
  if (!known) return known.error();
  // A file that was cut has been begun again.
  std::erase_if(*known, [&](const RotatedFile& one) { return knows(one.identity); });
  const auto before = files_.begin();  // the file at the path stays the last one
  for (auto trace = missing.begin(); trace != missing.end();) {
    const auto found = find(*trace, *known, before);
    if (!found && found.error().code == ErrorCode::kUnavailable) return found.error();
    trace = found && *found ? missing.erase(trace) : std::next(trace);
  }
  return {};
}

void Rotation::lose(const FileTrace& trace) {
  log_.warn(
      "{}: the file of which {} bytes were read is not there any more, or was cut; what it had "
      "behind them is lost",
      settings_.path, trace.offset);
  // It may have been moved away, and come back.
  leave(trace);
}

Result<void> Rotation::find_waiting() {
  if (waiting_.empty()) return {};
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  const auto before = files_.begin();  // in the order in which they were read
  for (auto trace = waiting_.begin(); trace != waiting_.end();) {
    const auto found = find(*trace, *rotated, before);
    if (!found && found.error().code == ErrorCode::kUnavailable) return found.error();
    if (!found) {
      skip(found.error());
      ++trace;
      continue;
    }
    if (!*found) lose(*trace);
    trace = waiting_.erase(trace);
    changed_ = true;
  }
  return {};
}

// As after `cp -a` to another disk. Short files may begin in the same way by chance.
Result<bool> Rotation::find_at_path(const FileTrace& trace,
                                    const std::vector<RotatedFile>& rotated) {
  if (trace.head_bytes < FileTrace::kMaxSample) return false;
  for (const RotatedFile& one : rotated) {
    if (!is_at_path(one) || knows(one.identity)) continue;
    auto file = open_rotated(disk_, one);
    if (!file) return file.error();
    const auto content = content_of(file->number(), trace);
    if (!content) return content.error();
    if (*content != Content::kWhole) continue;
    log_.info("{}: another file with the same lines is at its place; it is read on at byte {}",
              settings_.path, trace.offset);
    files_.push_back({FollowedFile::resume(std::move(*file), moved(trace, one.identity), one.path,
                                           settings_.format, settings_.limit),
                      clock_.now(), trace.head_bytes});
    changed_ = true;
    return true;
  }
  return false;
}

// False: it does not have the content any more. A file that was cut is read from its start.
Result<bool> Rotation::find(const FileTrace& trace, const std::vector<RotatedFile>& rotated,
                            Files::iterator before) {
  for (const RotatedFile& one : rotated) {
    if (one.identity.inode != trace.inode) continue;
    const bool is_known = is_known_file(trace, one.identity);
    // An inode is given to a new file as soon as the old one is deleted, and short files may begin
    // in the same way by chance.
    if (!is_known && trace.head_bytes < FileTrace::kMaxSample) continue;
    auto file = open_rotated(disk_, one);
    if (!file) return file.error();
    const auto content = content_of(file->number(), trace);
    if (!content) return content.error();
    // Nothing was read of a file without a head: it is a new one.
    const bool has_content = *content == Content::kWhole && trace.head_bytes > 0;
    if (has_content) {
      files_.insert(before, {FollowedFile::resume(std::move(*file), moved(trace, one.identity),
                                                  one.path, settings_.format, settings_.limit),
                             clock_.now(), trace.head_bytes});
    } else if (is_known) {
      files_.insert(before, {FollowedFile::begin(std::move(*file), one.identity, one.path,
                                                 settings_.format, settings_.limit),
                             clock_.now()});
      replaced_ = true;
      changed_ = true;
    }
    return has_content;
  }
  return false;
}

}  // namespace docmill

// Rotation: the unknown files of a list, at the path and beside it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "producer/follow/rotation.h"
#include "shared/base/random.h"

namespace docmill {

Result<void> Rotation::look_for_new(bool again) {
  const auto at_path = identity_of(settings_.path);
  if (!at_path) return at_path.error();
  if (!replaced_ && !again && (*at_path ? follows(**at_path) : !begun_)) return {};
  // Until catch_up() it is not known from where to read on in the file at its place.
  const bool lags = !files_.empty() && files_.back().file.repeats();
  if (lags && files_.back().file.is_deleted()) return {};
  if (!begun_ && !first_) first_ = *at_path;
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  if (!begun_) return begin(*rotated);
  for (const RotatedFile& one : *rotated) {
    if (!is_news(one) || (!is_at_path(one) && is_helper(one.path))) continue;
    auto taken = is_at_path(one) ? take_current(one, *rotated) : take_other(one, *rotated);
    if (taken) continue;
    const bool is_skipped = !is_at_path(one) && taken.error().code != ErrorCode::kUnavailable;
    if (!is_skipped) {
      replaced_ = true;
      return taken;
    }
    skip(taken.error());
  }
  replaced_ = false;
  if (!*at_path) return check_followed(disk_, settings_.path);
  return {};
}

Result<void> Rotation::take_current(const RotatedFile& one,
                                    const std::vector<RotatedFile>& rotated) {
  if (const auto left = left_.find(one.identity)) return take_back(one, *left, rotated);
  const auto resumed = resume_replacement(one);
  if (!resumed) return resumed.error();
  if (*resumed) return {};
  auto file = open_rotated(disk_, one);
  if (!file) return file.error();
  add(one, std::move(*file), rotated);
  return {};
}

Result<void> Rotation::take_back(const RotatedFile& one, const FileTrace& left,
                                 const std::vector<RotatedFile>& rotated) {
  auto file = open_rotated(disk_, one);
  if (!file) return file.error();
  const auto content = content_of(file->number(), left);
  if (!content) return content.error();
  left_.remove(left);
  if (*content == Content::kWhole && left.head_bytes > 0) {
    log_.info("{} is at its place again; it is read on at byte {}", one.path.string(), left.offset);
    resume(one, std::move(*file), moved(left, one.identity), files_.end());
  } else {
    add(one, std::move(*file), rotated);
  }
  return {};
}

Result<void> Rotation::take_other(const RotatedFile& one, const std::vector<RotatedFile>& rotated) {
  auto file = open_rotated(disk_, one);
  if (!file) return file.error();
  const auto known = likeness_of(disk_, file->number(), one.identity, originals(), rotated);
  if (!known) return known.error();
  const bool was_cut = std::any_of(files_.begin(), files_.end(), [](const Followed& followed) {
    return !followed.cut && followed.file.is_cut();
  });
  if (was_cut && known->kind == Likeness::Kind::kNone) {
    return unavailable(
        fmt::format("{}: was cut while files were compared with it; retrying", settings_.path));
  }
  if (known->kind == Likeness::Kind::kNone) {
    add(one, std::move(*file), rotated);
  } else if (known->kind == Likeness::Kind::kCopy) {
    leave_unread(one, known->original.life);
  } else {
    left_.remove(known->original);
    const FileTrace trace = moved(known->original, one.identity);
    if (known->has_more) resume_moved(one, std::move(*file), trace);
    if (!known->has_more) leave(trace);
  }
  return {};
}

void Rotation::resume_moved(const RotatedFile& one, FileDescriptor file, FileTrace trace) {
  log_.info("{} begins with all that was read of a file that is gone; it is read on at byte {}",
            one.path.string(), trace.offset);
  resume(one, std::move(file), trace, files_.begin());
}

void Rotation::resume(const RotatedFile& one, FileDescriptor file, FileTrace trace,
                      Files::iterator before) {
  const bool was_read = trace.life != 0;
  if (!was_read) trace.life = random_number();
  trace.left = false;
  auto resumed =
      FollowedFile::resume(std::move(file), trace, one.path, settings_.format, settings_.limit);
  if (!was_read) resumed.continues();
  if (!files_.empty() && before == files_.end()) files_.back().quiet = clock_.now();
  files_.insert(before, {std::move(resumed), clock_.now()});
  changed_ = true;
}

void Rotation::leave_unread(const RotatedFile& one, std::uint64_t life) {
  FileTrace trace = one.identity;
  if (const auto file = open_rotated(disk_, one)) {
    if (const auto whole = whole_trace(file->number(), one.identity)) trace = *whole;
  }
  trace.copy_of = life;
  if (!left_.has(one.identity)) leave(trace);
}

Result<bool> Rotation::resume_replacement(const RotatedFile& one) {
  if (files_.empty()) return false;
  Followed& old = files_.back();
  FileTrace trace = old.file.trace();
  if (old.cut || trace.head_bytes < FileTrace::kMaxSample || !old.file.is_deleted()) return false;
  auto file = open_rotated(disk_, one);
  if (!file) return file.error();
  const auto content = content_of(file->number(), trace);
  if (!content) return content.error();
  if (*content != Content::kWhole) return false;
  auto same = have_same_bytes(file->number(), old.file.number(), trace.offset);
  if (!same || !*same) return same;
  log_.info("{}: another file with the same lines is at its place; it is read on at byte {}",
            settings_.path, trace.offset);
  trace = moved(trace, one.identity);
  trace.life = 0;  // a new one: the deleted file may still be written to, and is read to its end
  resume(one, std::move(*file), trace, files_.end());
  return true;
}

// Other files that are in the folder at the first look are not read.
Result<void> Rotation::begin(const std::vector<RotatedFile>& rotated) {
  const auto is_first = [&](const RotatedFile& one) {
    return is_at_path(one) || (first_ && is_same_file(*first_, one.identity));
  };
  std::vector<std::pair<const RotatedFile*, FileDescriptor>> opened;
  for (const RotatedFile& one : rotated) {
    if (!is_first(one)) continue;
    auto file = open_rotated(disk_, one);
    if (!file) return file.error();
    opened.emplace_back(&one, std::move(*file));
  }
  begun_ = !rotated.empty();
  for (auto& [one, file] : opened) add(*one, std::move(file), rotated);
  for (const RotatedFile& one : rotated) {
    if (!is_first(one)) leave_unread(one, 0);
  }
  return {};
}

}  // namespace docmill

#include "producer/follow/rotation.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "producer/follow/try_again.h"
#include "shared/base/random.h"

namespace docmill {

Result<void> Rotation::look() {
  auto looked = try_again([this] { return look_once(); });
  sample_starts();
  return looked;
}

Result<void> Rotation::look_once() {
  const Time now = clock_.now();
  const bool again = retry_ && now >= *retry_;
  if (again) retry_.reset();
  auto looked = again ? find_waiting() : Result<void>();
  if (looked) looked = look_at_all(again);
  if (!looked && again) retry_ = now;
  return looked;
}

Result<void> Rotation::look_at_all(bool again) {
  bool cut = false;
  for (Followed& one : files_) {
    one.cut = one.cut || one.file.is_cut();
    cut = cut || one.cut;
  }
  if (cut) {
    if (auto replaced = replace_cut(); !replaced) return replaced;
  }
  return look_for_new(again);
}

Result<void> Rotation::replace_cut() {
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  for (auto one = files_.begin(); one != files_.end(); ++one) {
    if (!one->cut) continue;
    // A short file of which nothing was read tells no copy from a new file.
    const bool has_copies = one->named > 0 || one->file.head_bytes() == FileTrace::kMaxSample;
    const auto continued =
        has_copies ? continue_in_copy(one->file.trace(), one->file.repeats(), *rotated, one)
                   : false;
    if (!continued) return continued.error();
    if (!*continued && one->file.waits()) continue;
    if (!*continued && one->file.head_bytes() > 0) {
      log_.warn(
          "{}: was cut and is read from its beginning; what was written to it after the last "
          "look and before the cut is lost",
          settings_.path);
    }
    // The open file: its name may lead to another one by now.
    *one = {one->file.restart(settings_.path, settings_.format, settings_.limit), clock_.now()};
    replaced_ = true;
    changed_ = true;
  }
  return {};
}

Result<bool> Rotation::continue_in_copy(const FileTrace& gone, bool repeats,
                                        std::vector<RotatedFile> rotated, Files::iterator before) {
  // A copy may have been found before the file was cut.
  std::erase_if(rotated, [&](const RotatedFile& one) {
    return is_at_path(one) || !(is_news(one) || left_.has_copy(one.identity, gone.life));
  });
  const auto copies = copies_of(disk_, gone, rotated);
  if (!copies) return copies.error();
  if (copies->complete) {
    const RotatedFile& copy = *copies->complete;
    const FileTrace trace = moved(gone, copy.identity);
    auto file = open_rotated(disk_, copy);
    if (!file) return file.error();
    auto resumed =
        FollowedFile::resume(std::move(*file), trace, copy.path, settings_.format, settings_.limit);
    if (!repeats) resumed.continues();
    log_.info("{}: was cut; its copy {} is read on at byte {}", settings_.path, copy.path.string(),
              trace.offset);
    files_.insert(before, {std::move(resumed), clock_.now()});
    left_.remove(copy.identity);
    changed_ = true;
  }
  for (const RotatedFile& copy : copies->others) leave_unread(copy, gone.life);
  for (const RotatedFile& copy : copies->doubtful) {
    log_.warn(
        "{}: was cut; {} begins like it and ends before byte {}, so it is taken for a copy and not "
        "read",
        settings_.path, copy.path.string(), gone.offset);
    leave_unread(copy, gone.life);
  }
  for (const Error& error : copies->unreadable) skip(error);
  const bool continued = copies->complete || !copies->doubtful.empty();
  // One of those may have the rest of it.
  if (!continued && !copies->unreadable.empty()) leave(gone);
  return continued;
}

void Rotation::add(const RotatedFile& one, FileDescriptor file,
                   const std::vector<RotatedFile>& rotated) {
  changed_ = true;
  // The writer of the previous file may not have noticed the rotation yet.
  if (!files_.empty()) files_.back().quiet = clock_.now();
  // The file at the path stays the last one, even when a copy of it was made later.
  const bool has_current = std::any_of(rotated.begin(), rotated.end(), [&](const RotatedFile& it) {
    return is_at_path(it) && !files_.empty() && files_.back().file.is(it.identity.inode);
  });
  const auto added = files_.insert(has_current ? std::prev(files_.end()) : files_.end(),
                                   {FollowedFile::begin(std::move(file), one.identity, one.path,
                                                        settings_.format, settings_.limit),
                                    clock_.now()});
  added->file.sample_start();  // tells its copies from new files
}

void Rotation::sample_starts() {
  const Time now = clock_.now();
  for (auto one = files_.begin(); one != files_.end();) {
    const bool was_empty = one->file.head_bytes() == 0;
    const bool is_empty = !one->file.sample_start();
    changed_ = changed_ || (!is_empty && one->named == 0);
    // It may have been written to, copied and cut since it was looked at: that copy is new.
    replaced_ = replaced_ || (was_empty && !is_empty);
    const bool is_left = is_empty && !is_newest(one) && now - one->quiet >= kPatience;
    one = is_left ? leave(one) : std::next(one);
  }
}

Rotation::Files::iterator Rotation::leave(Files::iterator one) {
  leave(one->file.trace());
  return files_.erase(one);
}

void Rotation::leave(const FileTrace& trace) {
  left_.add(trace);
  changed_ = true;
}

bool Rotation::follows(const FileTrace& found) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const Followed& one) { return one.file.is(found.inode); }) ||
         std::any_of(waiting_.begin(), waiting_.end(),
                     [&](const FileTrace& one) { return is_known_file(one, found); });
}

// Unknown, and not forgotten. The file at the path is always read, even if it was left before.
bool Rotation::is_news(const RotatedFile& one) const {
  return (is_at_path(one) || !left_.may_have(one.identity)) && !follows(one.identity);
}

std::vector<Original> Rotation::originals() const {
  std::vector<Original> originals;
  for (const FileTrace& one : left_.traces()) originals.push_back({one});
  for (const Followed& one : files_) originals.push_back({one.file.trace(), one.file.number()});
  return originals;
}

void Rotation::skip(const Error& error) {
  retry_ = clock_.now() + kPatience;
  if (!said_.insert(error.text).second) return;
  log_.warn("{}; it is passed over, and tried again every 5 s", error.text);
}

// A file that was cut has other lines than those that the keys stand for.
bool Rotation::catch_up(const Spool& spool) {
  bool moved = false;
  for (Followed& one : files_) moved = (!one.cut && one.file.catch_up(spool)) || moved;
  return moved;
}

bool Rotation::kept() {
  bool moved = false;
  for (Followed& one : files_) moved = one.file.kept() || moved;
  return moved;
}

FollowedPath Rotation::state() const {
  FollowedPath state{{}, {}, left_.forgotten(), left_.traces()};
  state.files.insert(state.files.end(), waiting_.begin(), waiting_.end());
  for (const Followed& one : files_) state.files.push_back(one.file.kept_trace());
  return state;
}

void Rotation::saved() {
  for (Followed& one : files_) one.named = one.file.head_bytes();
  changed_ = false;
}

Result<void> check_followed(Disk& disk, const std::filesystem::path& path) {
  const FileDescriptor file(disk.open(Disk::kHere, path, O_RDONLY | O_NONBLOCK, 0));
  if (!file.open() && (errno == ENOENT || errno == ENOTDIR)) return {};
  if (!file.open()) return file_error(path.string(), "open", errno, "let this user read it");
  if (identity_of(file.number())) return {};
  return config_error(fmt::format(
      "{}: expected a file that grows, found something else; name a file", path.string()));
}

}  // namespace docmill

#include "producer/follow/follow_inlet.h"

#include <fmt/format.h>

#include <algorithm>

#include "producer/follow/file_copies.h"

namespace docmill {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(100);
// How long a file that was renamed may be silent before it is left.
constexpr Duration kPatience = std::chrono::seconds(5);
// Lines that may be read again after a crash, with those of one call: the spool remembers 100,000
// keys.
constexpr std::uint64_t kMostUnsaved = 20'000;
constexpr std::size_t kMostLeft = 16;

}  // namespace

Result<std::unique_ptr<Inlet>> FollowInlet::open(FollowSettings settings, Disk& disk,
                                                 const Clock& clock, Log& log) {
  std::unique_ptr<FollowInlet> inlet(new FollowInlet(std::move(settings), disk, clock, log));
  const auto paths = inlet->position_.load();
  if (!paths) return paths.error();
  if (auto found = inlet->find_again(*paths); !found) return found.error();
  const FollowSettings& known = inlet->settings_;
  const auto file = FollowedFile::open(disk, known.path, known.format, known.limit);
  if (!file) return file.error();
  if (!*file) log.info("{} is not there yet; it is waited for", known.path);
  return std::unique_ptr<Inlet>(std::move(inlet));
}

Result<void> FollowInlet::find_again(const std::vector<FollowedPath>& paths) {
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  std::vector<FileTrace> missing;
  for (const FollowedPath& path : paths) {
    if (path.path != settings_.path) continue;
    newest_ = path.seen;
    for (const FileTrace& trace : path.files) {
      if (trace.left) {
        left_.push_back(trace);
        continue;
      }
      const auto found = find(trace, *rotated);
      if (!found) return found.error();
      if (!*found && trace.head_bytes > 0) missing.push_back(trace);
    }
  }
  // A copy can only be told from the files when all of those are known.
  for (const FileTrace& trace : missing) {
    const auto continued = continue_in_copy(trace, true, *rotated, files_.begin());
    if (!continued) return continued.error();
    if (*continued) continue;
    log_.warn(
        "{}: the file of which {} bytes were read is not there any more, or was cut; what it had "
        "behind them is lost",
        settings_.path, trace.offset);
  }
  return {};
}

Result<bool> FollowInlet::find(const FileTrace& trace, const std::vector<RotatedFile>& rotated) {
  for (const RotatedFile& one : rotated) {
    if (one.identity.inode != trace.inode) continue;
    // Nothing was read of a file without a head: it is a new one.
    std::optional<FileTrace> known;
    if (trace.head_bytes > 0) known = trace;
    if (!known && is_followed(one)) return true;
    auto file = FollowedFile::open(disk_, one.path, settings_.format, settings_.limit, known);
    if (!file) return file.error();
    if (!*file) return false;
    files_.push_back({std::move(**file), clock_.now(), trace.head_bytes});
    return true;
  }
  return false;
}

bool FollowInlet::knows(const FileTrace& found) const {
  return std::any_of(files_.begin(), files_.end(),
                     [&](const Followed& one) { return one.file.is(found.inode); }) ||
         std::any_of(left_.begin(), left_.end(), [&](const FileTrace& one) {
           return one.inode == found.inode && one.born == found.born;
         });
}

bool FollowInlet::repeats() const {
  return std::any_of(files_.begin(), files_.end(),
                     [](const Followed& one) { return one.file.repeats(); });
}

// Beside the followed path, unknown, and not older than what was seen there.
bool FollowInlet::is_news(const RotatedFile& one) const {
  return !is_followed(one) && one.identity.born >= newest_.value_or(0) && !knows(one.identity);
}

std::vector<FileTrace> FollowInlet::traces() const {
  std::vector<FileTrace> traces(left_.begin(), left_.end());
  for (const Followed& one : files_) traces.push_back(one.file.trace());
  return traces;
}

Result<bool> FollowInlet::add_rotated() {
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  // What lay beside the file before it was first seen is not read.
  const bool is_first = !newest_;
  if (is_first && !rotated->empty()) newest_ = rotated->back().identity.born;
  for (const RotatedFile& one : *rotated) {
    if (!is_news(one)) continue;
    const auto copy = is_copy_of(disk_, traces(), one);
    if (!copy) return copy.error();
    if (is_first || *copy) {
      leave(one.identity);
    } else if (auto added = add(one.path); !added || !*added) {
      return added;
    }
  }
  return true;
}

Result<bool> FollowInlet::add(const std::filesystem::path& path) {
  auto file = FollowedFile::open(disk_, path, settings_.format, settings_.limit);
  if (!file) return file.error();
  // It may have been renamed since it was looked at.
  if (!*file || knows((*file)->trace())) return true;
  const std::optional<std::int64_t> before = newest_;
  newest_ = std::max(newest_.value_or(0), (*file)->trace().born);
  // Who writes to the one before may not know of this one yet.
  if (!files_.empty()) files_.back().quiet = clock_.now();
  files_.push_back({std::move(**file), clock_.now()});
  // Its life is durable before a line has it in its key.
  saved_ = false;
  if (save()) return true;
  files_.pop_back();
  newest_ = before;
  return false;
}

Result<void> FollowInlet::look_for_new() {
  const auto found = identity_of(settings_.path);
  if (found ? knows(*found) : !newest_) return {};
  auto added = add_rotated();
  if (added && *added) added = add(settings_.path);
  return added ? Result<void>() : added.error();
}

Result<bool> FollowInlet::continue_in_copy(const FileTrace& gone, bool repeats,
                                           std::vector<RotatedFile> rotated,
                                           std::list<Followed>::iterator before) {
  std::erase_if(rotated, [&](const RotatedFile& one) { return !is_news(one); });
  const auto copies = copies_of(disk_, gone, rotated);
  if (!copies) return copies.error();
  if (copies->complete) {
    const RotatedFile& copy = *copies->complete;
    const FileTrace trace = moved(gone, copy.identity);
    auto file = FollowedFile::open(disk_, copy.path, settings_.format, settings_.limit, trace);
    if (!file) return file.error();
    if (!*file) return unavailable(copy.path.string() + ": renamed while it was opened");
    if (!repeats) (*file)->continues();
    log_.info("{}: was cut; its copy {} is read on at byte {}", settings_.path, copy.path.string(),
              trace.offset);
    newest_ = std::max(newest_.value_or(0), trace.born);
    files_.insert(before, {std::move(**file), clock_.now(), trace.head_bytes});
    saved_ = false;
  }
  for (const RotatedFile& copy : copies->others) leave(copy.identity);
  return copies->complete || !copies->others.empty();
}

Result<void> FollowInlet::replace_cut() {
  const auto rotated = rotated_files(disk_, settings_.path);
  if (!rotated) return rotated.error();
  for (auto one = files_.begin(); one != files_.end();) {
    if (!one->cut) {
      ++one;
      continue;
    }
    // Nothing was read of a file without a name: its copy, if it has one, is a new file.
    const bool was_read = one->named > 0;
    const auto continued =
        was_read ? continue_in_copy(one->file.trace(), one->file.repeats(), *rotated, one) : false;
    if (!continued) return continued.error();
    if (!*continued && one->file.waits()) {
      ++one;
      continue;
    }
    if (!*continued && was_read) {
      log_.warn(
          "{}: was cut and is read from its beginning; what was written to it after the last "
          "look and before the cut is lost",
          settings_.path);
    }
    one = files_.erase(one);
    saved_ = false;
  }
  return {};
}

void FollowInlet::name_files(Time now) {
  bool has_new = false;
  for (auto one = files_.begin(); one != files_.end();) {
    const bool is_empty = !one->file.sample_start();
    has_new = has_new || (!is_empty && one->named == 0);
    const bool is_left =
        is_empty && std::next(one) != files_.end() && now - one->quiet >= kPatience;
    if (is_left) leave(one->file.trace());
    one = is_left ? files_.erase(one) : std::next(one);
  }
  saved_ = saved_ && !has_new;
  if (has_new) save();
}

Result<void> FollowInlet::look() {
  const Time now = clock_.now();
  if (now < next_look_) return {};
  next_look_ = now + kLook;
  bool cut = false;
  for (Followed& one : files_) {
    one.cut = one.cut || one.file.is_cut();
    cut = cut || one.cut;
  }
  auto looked = cut ? replace_cut() : Result<void>();
  if (looked) looked = look_for_new();
  // It may be mended while the producer runs; what was found before is read meanwhile.
  if (!looked && said_ != looked.error().text) log_.warn("{}", looked.error().text);
  if (!looked) said_ = looked.error().text;
  name_files(now);
  return {};
}

void FollowInlet::leave(FileTrace trace) {
  trace.left = true;
  newest_ = std::max(newest_.value_or(0), trace.born);
  left_.push_back(trace);
  if (left_.size() > kMostLeft) left_.pop_front();
  saved_ = false;
}

Result<void> FollowInlet::take_in(Spool& spool) {
  // Where that is not written down, nothing more is read: it could not be known again.
  const bool again = repeats();
  if (!again && unsaved_ >= kMostUnsaved && !save()) return {};
  if (auto looked = look(); !looked) return looked;
  const Time now = clock_.now();
  const std::uint64_t before = spool.next();
  for (auto one = files_.begin(); one != files_.end() && spool.next() - before < kMostUnsaved;) {
    if (one->cut) {
      if (auto given = one->file.give(spool); !given) return given;
      if (spool.next() != before) saved_ = false;
    }
    if (one->cut || one->named == 0 || (again && !one->file.repeats())) {
      ++one;
      continue;
    }
    const auto read = one->file.read(spool, kMostUnsaved);
    if (!read) return read.error();
    if (*read > 0) one->quiet = now;
    // Only now is it known that it was quiet: it may have been long since it was read last.
    const bool is_left = std::next(one) != files_.end() && *read == 0 && one->file.at_end() &&
                         now - one->quiet >= kPatience;
    if (is_left) {
      if (auto finished = one->file.finish(spool); !finished) return finished;
    }
    if (*read > 0 || spool.next() != before) saved_ = false;
    const bool done = is_left && !one->file.waits();
    if (done) leave(one->file.trace());
    one = done ? files_.erase(one) : std::next(one);
  }
  pending_ = spool.next() != before;
  unsaved_ += spool.next() - before;
  return {};
}

void FollowInlet::kept() {
  pending_ = false;
  const bool has_grown = std::any_of(files_.begin(), files_.end(), [](const Followed& one) {
    return one.named < one.file.head_bytes();
  });
  if (unsaved_ >= kMostUnsaved || has_grown) save();
}

bool FollowInlet::save() {
  if (saved_ && !repeats()) return true;
  if (pending_ || repeats()) return false;
  const auto done = position_.save({{settings_.path, newest_.value_or(0), traces()}});
  if (!done) {
    log_.warn("{}; it is tried again", done.error().text);
    return false;
  }
  for (Followed& one : files_) one.named = one.file.head_bytes();
  saved_ = true;
  unsaved_ = 0;
  return true;
}

}  // namespace docmill

#include "producer/follow/follow_inlet.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace docmill {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(100);
// How long a file that was renamed may be silent before it is left.
constexpr Duration kPatience = std::chrono::seconds(5);
// Lines that may be read again after a crash, with those of one call: the spool remembers 100,000
// keys.
constexpr std::uint64_t kMostUnsaved = 20'000;
constexpr std::size_t kMostLeft = 16;

bool is_compressed(const std::filesystem::path& path) {
  constexpr std::array<std::string_view, 4> kEnds = {".gz", ".zst", ".xz", ".bz2"};
  return std::find(kEnds.begin(), kEnds.end(), path.extension().string()) != kEnds.end();
}

struct Rotated {
  std::filesystem::path path;
  FileTrace identity;
};

// The files beside it whose names begin with its own, the oldest first. A list that is not complete
// is an Error: a file that is missing from it would be passed over for good.
Result<std::vector<Rotated>> rotated_names(const std::filesystem::path& path) {
  std::vector<Rotated> found;
  std::error_code failed;
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::filesystem::directory_iterator entry(folder, failed);
  for (; !failed && entry != std::filesystem::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename();
    if (!name.starts_with(path.filename().string()) || is_compressed(entry->path())) continue;
    if (const auto identity = identity_of(entry->path()))
      found.push_back({folder / name, *identity});
  }
  if (failed && failed.value() != ENOENT && failed.value() != ENOTDIR) {
    return file_error(folder.string(), "open folder", failed.value(), "let this user read it");
  }
  std::sort(found.begin(), found.end(),
            [](const Rotated& a, const Rotated& b) { return a.identity.born < b.identity.born; });
  return found;
}

}  // namespace

Result<std::unique_ptr<Inlet>> FollowInlet::open(FollowSettings settings, const Clock& clock,
                                                 Log& log) {
  std::unique_ptr<FollowInlet> inlet(new FollowInlet(std::move(settings), clock, log));
  const auto traces = inlet->position_.load();
  if (!traces) return traces.error();
  if (auto found = inlet->find_again(*traces); !found) return found.error();
  const FollowSettings& known = inlet->settings_;
  const auto file = FollowedFile::open(known.path, known.format, known.limit);
  if (!file) return file.error();
  if (!*file) log.info("{} is not there yet; it is waited for", known.path);
  return std::unique_ptr<Inlet>(std::move(inlet));
}

Result<void> FollowInlet::find_again(const std::vector<FileTrace>& traces) {
  for (const FileTrace& trace : traces) {
    newest_ = std::max(newest_.value_or(trace.born), trace.born);
    if (trace.left) {
      left_.push_back(trace);
      continue;
    }
    const auto found = find(trace);
    if (!found) return found.error();
    if (*found) continue;
    log_.warn(
        "{}: the file of which {} bytes were read is not there any more, or was cut; what it had "
        "behind them is lost",
        settings_.path, trace.offset);
  }
  return {};
}

Result<bool> FollowInlet::find(const FileTrace& trace) {
  const auto rotated = rotated_names(settings_.path);
  if (!rotated) return rotated.error();
  for (const Rotated& one : *rotated) {
    if (one.identity.inode != trace.inode) continue;
    auto file = FollowedFile::open(one.path, settings_.format, settings_.limit, trace);
    if (!file) return file.error();
    if (!*file) return false;
    files_.push_back({std::move(**file), clock_.now()});
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

Result<bool> FollowInlet::add_rotated() {
  if (!newest_) return true;
  const std::int64_t newest = *newest_;
  const auto rotated = rotated_names(settings_.path);
  if (!rotated) return rotated.error();
  for (const Rotated& one : *rotated) {
    if (one.identity.born < newest || knows(one.identity)) continue;
    if (auto added = add(one.path); !added || !*added) return added;
  }
  return true;
}

Result<bool> FollowInlet::add(const std::filesystem::path& path) {
  auto file = FollowedFile::open(path, settings_.format, settings_.limit);
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
  if (found && knows(*found)) return {};
  auto added = add_rotated();
  if (added && *added) added = add(settings_.path);
  return added ? Result<void>() : added.error();
}

Result<void> FollowInlet::look() {
  const Time now = clock_.now();
  if (now < next_look_) return {};
  next_look_ = now + kLook;
  for (auto one = files_.begin(); one != files_.end();) {
    const bool cut = one->file.is_cut();
    if (cut) {
      log_.warn(
          "{}: was cut and is read from its beginning; what was written to it after the last "
          "look and before the cut is lost",
          settings_.path);
    }
    one = cut ? files_.erase(one) : std::next(one);
    saved_ = saved_ && !cut;
  }
  if (auto looked = look_for_new(); !looked) {
    // It may be mended while the producer runs, and what was read before goes on.
    if (said_ != looked.error().text) log_.warn("{}", looked.error().text);
    said_ = looked.error().text;
  }
  return {};
}

void FollowInlet::leave(FileTrace trace) {
  trace.left = true;
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
    if (again && !one->file.repeats()) {
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
  if (unsaved_ >= kMostUnsaved) save();
}

bool FollowInlet::save() {
  if (saved_ && !repeats()) return true;
  if (pending_ || repeats()) return false;
  std::vector<FileTrace> traces(left_.begin(), left_.end());
  for (const Followed& one : files_) traces.push_back(one.file.trace());
  const auto done = position_.save(traces);
  if (!done) {
    log_.warn("{}; it is tried again", done.error().text);
    return false;
  }
  saved_ = true;
  unsaved_ = 0;
  return true;
}

}  // namespace docmill

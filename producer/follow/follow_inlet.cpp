#include "producer/follow/follow_inlet.h"

#include <algorithm>
#include <utility>

#include "producer/follow/former_path.h"
#include "shared/store/disk_reserve.h"

namespace docmill {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(100);
// Lines that may be read again after a crash, with those of one call: the spool remembers 100,000
// keys.
constexpr std::uint64_t kMaxUnsaved = 20'000;

}  // namespace

Result<std::unique_ptr<Inlet>> FollowInlet::open(const FollowSettings& settings,
                                                 const SourceContext& context) {
  std::unique_ptr<FollowInlet> inlet(new FollowInlet(settings, context));
  auto paths = inlet->position_.load();
  if (!paths) return paths.error();
  inlet->others_ = std::move(*paths);
  const auto found = inlet->find_again();
  if (!found) return found.error();
  inlet->found_ = *found;
  if (auto checked = check_followed(inlet->disk_, settings.path); !checked) return checked.error();
  std::error_code unknown;
  if (!std::filesystem::exists(settings.path, unknown)) {
    context.log.info("{} is not there yet; it is waited for", settings.path);
  }
  if (!*found) {
    context.log.warn(
        "{}: the files that were read before are away; waiting for them or for a new one",
        settings.path);
  }
  return std::unique_ptr<Inlet>(std::move(inlet));
}

// Without its folder a path cannot be told from the others, and without any file nothing can be
// concluded: the disk may be mounted later.
Result<bool> FollowInlet::find_again() {
  const auto name = followed_path(path_);
  name_ = name.value_or(name_);
  if (others_.empty()) return true;
  if (!name) return false;
  const std::string latest = others_.back().path;
  auto ours = std::find_if(others_.begin(), others_.end(),
                           [&](const FollowedPath& one) { return one.path == name_; });
  if (ours == others_.end()) {
    ours = std::find_if(others_.begin(), others_.end(),
                        [&](const FollowedPath& one) { return is_ours(one); });
  }
  former_lags_ = ours == others_.end() || ours->path != latest;
  if (ours == others_.end()) return true;
  auto found = rotation_.find_again(*ours);
  if (!found || !*found) return found;
  others_.erase(ours);
  return true;
}

bool FollowInlet::find_later() {
  const Time now = clock_.now();
  if (found_ || now < next_look_) return found_;
  next_look_ = now + kLook;
  const auto found = find_again();
  if (!found && reported_ != found.error().text) log_.warn("{}", found.error().text);
  if (!found) reported_ = found.error().text;
  found_ = found && *found;
  if (found_) next_look_ = now;
  return found_;
}

// Under another name: links of its folder have changed, or it was saved as it was spelled.
bool FollowInlet::is_ours(const FollowedPath& saved) const {
  return saved.spelled == spelled_ || plain_path(saved.path) == spelled_ ||
         followed_path(saved.path) == name_;
}

bool FollowInlet::repeats() const {
  const Rotation::Files& files = rotation_.files();
  return std::any_of(files.begin(), files.end(),
                     [](const Rotation::Followed& one) { return one.file.repeats(); });
}

bool FollowInlet::catch_up_former(const Spool& spool) {
  if (!former_lags_) return true;
  if (auto done = catch_up(others_.back(), spool, disk_); !done) {
    if (reported_ != done.error().text) log_.warn("{}", done.error().text);
    reported_ = done.error().text;
    return false;
  }
  former_lags_ = false;
  saved_ = false;
  return true;
}

void FollowInlet::look(const Spool& spool) {
  const Time now = clock_.now();
  if (now < next_look_) return;
  next_look_ = now + kLook;
  // It may be mended while the producer runs; what was found before is read meanwhile.
  const auto looked = rotation_.look();
  if (!looked && reported_ != looked.error().text) log_.warn("{}", looked.error().text);
  if (!looked) reported_ = looked.error().text;
  // Before new lines: these would push the keys of the earlier ones out of the spool.
  if (rotation_.catch_up(spool)) saved_ = false;
  // The life of a file is durable before a line has it in its key.
  if (rotation_.changed()) save();
}

Result<void> FollowInlet::take_in(Spool& spool) {
  if (!find_later()) return {};
  // Where that is not written down, nothing more is read: it could not be known again.
  if (!catch_up_former(spool)) return {};
  if (unsaved_ >= kMaxUnsaved && !save()) return {};
  const bool again = repeats();
  look(spool);
  if (again && !save()) return {};
  const std::uint64_t before = spool.next();
  auto read = read_files(spool);
  pending_ += spool.next() - before;
  return read;
}

Result<void> FollowInlet::read_files(Spool& spool) {
  Rotation::Files& files = rotation_.files();
  const Time now = clock_.now();
  const std::uint64_t before = spool.next();
  for (auto one = files.begin(); one != files.end() && spool.next() - before < kMaxUnsaved;) {
    if (one->cut) {
      if (auto given = one->file.give(spool); !given) return given;
    }
    if (one->cut || one->named == 0) {
      ++one;
      continue;
    }
    const auto read = one->file.read(spool, kMaxUnsaved);
    if (!read) return read.error();
    if (*read > 0) one->quiet = now;
    if (const std::uint64_t nuls = one->file.take_passed_over(); nuls > 0) {
      log_.warn(
          "{}: begins with {} NUL bytes; they are passed over. A program that does not append "
          "leaves them when its file is cut",
          path_, nuls);
    }
    // Only now is it known that it was quiet: it may have been long since it was read last.
    const bool is_left = !rotation_.is_newest(one) && *read == 0 && one->file.at_end() &&
                         now - one->quiet >= Rotation::kPatience;
    if (is_left) {
      if (auto finished = one->file.finish(spool); !finished) return finished;
    }
    // A file that is left is never read again, so its last line must be durable before.
    one = is_left && !one->file.waits() && one->file.is_kept() ? rotation_.leave(one)
                                                               : std::next(one);
  }
  return {};
}

void FollowInlet::kept() {
  if (rotation_.kept()) saved_ = false;
  unsaved_ += std::exchange(pending_, 0);
  const Rotation::Files& files = rotation_.files();
  const bool has_grown = std::any_of(files.begin(), files.end(), [](const Rotation::Followed& one) {
    return one.named < one.file.head_bytes();
  });
  if (unsaved_ >= kMaxUnsaved || has_grown) save();
}

bool FollowInlet::may_forget() {
  if (!found_ || former_lags_ || clock_.now() < next_save_) return false;
  if (save(Room::kReserve)) return true;
  next_save_ = clock_.now() + (save_failure_.empty() ? Duration::zero() : kRetryFullDisk);
  return false;
}

bool FollowInlet::save(Room room) {
  if (repeats()) return false;
  if (saved_ && !rotation_.changed()) return true;
  // Links may be changed while the producer runs.
  name_ = followed_path(path_).value_or(name_);
  std::erase_if(others_, [&](const FollowedPath& one) { return one.path == name_; });
  std::vector<FollowedPath> paths = others_;
  paths.push_back(rotation_.state());
  paths.back().path = name_;
  paths.back().spelled = spelled_;
  DiskReserve* const reserve = room == Room::kReserve ? reserve_ : nullptr;
  if (const auto done = with_room(reserve, [&] { return position_.save(paths); }); !done) {
    if (save_failure_ != done.error().text) log_.warn("{}; retrying", done.error().text);
    save_failure_ = done.error().text;
    return false;
  }
  save_failure_.clear();
  rotation_.saved();
  saved_ = true;
  unsaved_ = 0;
  return true;
}

}  // namespace docmill

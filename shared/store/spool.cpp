#include "shared/store/spool.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/random.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {
namespace {

constexpr std::size_t kLongestKey = 255;

}  // namespace

Spool::Spool(std::filesystem::path folder, DiskFile lock, const SpoolLimits& limits, Log& log)
    : folder_(std::move(folder)), lock_(std::move(lock)), limits_(limits), log_(&log) {
  limits_.segment.count =
      std::max<std::uint64_t>(1, std::min(limits_.segment.count, limits_.bytes.count / 4));
}

Result<Spool> Spool::open(Disk& disk, const std::filesystem::path& folder,
                          const SpoolLimits& limits, Log& log) {
  if (auto made = make_folder(disk, folder, 0700); !made) return made.error();
  DiskFile lock(disk, disk.open(Disk::kHere, folder.string(), O_RDONLY | O_DIRECTORY, 0));
  if (!lock.open()) {
    return file_error(folder.string(), "open folder", errno, "let this user read it");
  }
  if (lock.lock() != 0) {
    if (errno != EWOULDBLOCK) {
      return file_error(folder.string(), "lock", errno, "put the folder on a local disk");
    }
    return config_error(fmt::format(
        "{}: another output or process writes to it; give each output a url of its own, and each "
        "process a state folder of its own",
        folder.string()));
  }
  Spool spool(folder, std::move(lock), limits, log);
  if (auto loaded = spool.load(); !loaded) return loaded.error();
  return spool;
}

Result<void> Spool::begin(std::uint64_t ordinal) {
  // An attempt that failed may have made the file: a second name for one ordinal must not appear.
  if (!begun_) begun_ = SpoolSegment{.ordinal = ordinal, .nonce = random_number()};
  auto file = AppendFile::open(lock_.disk(), path_of(*begun_).string(), std::nullopt);
  if (!file) return file.error();
  file_ = std::move(*file);
  active_ = *std::exchange(begun_, std::nullopt);
  next_index_ = 0;
  group_ = 0;
  kept_bytes_ = 0;
  replaced_ = false;
  return {};
}

std::uint64_t Spool::bytes() const { return whole_bytes_ + file_->length() + group_bytes_; }

Result<Spool::Appended> Spool::append(std::string_view key, std::string_view bytes) {
  if (key.size() > kLongestKey) {
    return malformed(fmt::format("expected a key of at most {} bytes, found {}; shorten it",
                                 kLongestKey, key.size()));
  }
  if (const auto known = key.empty() ? keys_.end() : keys_.find(std::string(key));
      known != keys_.end()) {
    return Appended{known->second, false};
  }
  if (auto room = room_for(1, key.size() + bytes.size()); !room) return room.error();
  std::string record;
  encode({next_index_, group_, key, bytes}, active_.nonce, record);
  file_->append(record);
  group_bytes_ += record.size();
  const std::uint64_t number = number_of(active_.ordinal, next_index_++);
  remember(key, number);
  return Appended{number, true};
}

Result<void> Spool::room_for(std::size_t records, std::uint64_t bytes) {
  const std::uint64_t size = records * kSpoolHeaderBytes + bytes;
  if (size > limits_.bytes.count - limits_.segment.count) {
    return malformed(fmt::format(
        "{}: {} of {} bytes never fit{} into a spool of {}; make the spool larger",
        folder_.string(), records == 1 ? "a record" : fmt::format("{} records", records), bytes,
        records == 1 ? "s" : "", to_string(limits_.bytes)));
  }
  while (this->bytes() + size > limits_.bytes.count) {
    const auto given = give_back();
    if (!given) return given.error();
    if (*given) continue;
    return unavailable(fmt::format(
        "{}: full: {} of {} bytes wait to be settled, {} more do not fit; send again later",
        folder_.string(), this->bytes(), limits_.bytes.count, size));
  }
  return {};
}

void Spool::remember(std::string_view key, std::uint64_t number) {
  if (key.empty() || limits_.keys == 0) return;
  if (!keys_.try_emplace(std::string(key), number).second) return;
  key_order_.emplace_back(number, key);
  if (key_order_.size() <= limits_.keys) return;
  keys_.erase(key_order_.front().second);
  key_order_.pop_front();
}

Result<void> Spool::sync() {
  if (auto replaced = finish_replacing(); !replaced) return replaced;
  for (auto synced = file_->sync(); !synced; synced = file_->sync()) {
    if (synced.error().code != ErrorCode::kUnavailable) return synced;
    const auto given = give_back();
    if (!given) return given.error();
    if (!*given) return synced;
  }
  group_bytes_ = 0;
  group_ = next_index_;
  if (next_index_ > 0) last_ = number_of(active_.ordinal, next_index_ - 1);
  auto rolled = file_->length() < limits_.segment.count ? finish_roll() : roll();
  // The group is durable, so this may wait for room.
  if (!rolled && rolled.error().code == ErrorCode::kUnavailable) return {};
  return rolled;
}

// The next segment is there before this one is complete: a power cut in between leaves two that are
// open, of which the first is taken for what it is. After kUnavailable the rest is done by the next
// call.
Result<void> Spool::roll() {
  DOCMILL_CHECK(group_bytes_ == 0, "{} bytes of a group", group_bytes_);
  if (auto finished = finish_roll(); !finished) return finished;
  SpoolSegment done = active_;
  const std::uint64_t length = file_->length();
  const std::uint32_t count = next_index_;
  if (auto begun = begin(active_.ordinal + 1); !begun) return begun;
  reading_.reset();
  done.count = count;
  done.bytes = length;
  whole_.emplace(done.ordinal, done);
  whole_bytes_ += length;
  unfinished_ = done.ordinal;
  names_unsynced_ = true;
  return finish_roll();
}

Result<void> Spool::finish_roll() {
  if (unfinished_) {
    // It may have been settled and dropped meanwhile.
    const auto found = whole_.find(*unfinished_);
    if (found != whole_.end()) {
      if (auto named = give_last_name(found->second); !named) return named;
    }
    unfinished_.reset();
  }
  if (!names_unsynced_) return {};
  if (auto synced = sync_folder(lock_.disk(), folder_); !synced) return synced;
  names_unsynced_ = false;
  return {};
}

Result<void> Spool::give_last_name(SpoolSegment& segment) {
  const std::string from = path_of(segment);
  SpoolSegment named = segment;
  named.whole = true;
  if (lock_.disk().rename(from, path_of(named).string()) != 0) {
    return disk_error(from, "rename", errno);
  }
  segment = named;
  return {};
}

Result<void> Spool::complete(SpoolSegment segment, std::uint64_t length, std::uint64_t count) {
  segment.count = count;
  segment.bytes = length;
  if (auto named = give_last_name(segment); !named) return named;
  whole_.emplace(segment.ordinal, segment);
  whole_bytes_ += length;
  return {};
}

Result<void> Spool::remove(const SpoolSegment& segment) {
  const std::string path = path_of(segment);
  if (lock_.disk().remove(Disk::kHere, path) != 0 && errno != ENOENT) {
    return disk_error(path, "delete", errno);
  }
  // One after the other: a later one that is gone while an earlier one is there would look lost.
  return sync_folder(lock_.disk(), folder_);
}

Result<Spool::Reading*> Spool::reading(std::uint64_t ordinal, std::uint64_t after) {
  const bool active = ordinal == active_.ordinal;
  const SpoolSegment& segment = active ? active_ : whole_.at(ordinal);
  const std::uint64_t length = active ? file_->length() : segment.bytes;
  if (reading_ && reading_->ordinal == ordinal && reading_->given <= after) {
    reading_->reader.extend(length);
    return &*reading_;
  }
  auto reader = SpoolReader::open(lock_.disk(), path_of(segment), segment.nonce, length);
  if (!reader) return reader.error();
  reading_.emplace(Reading{std::move(*reader), ordinal, 0});
  return &*reading_;
}

void Spool::say_damage(std::uint64_t ordinal, const SpoolReader::Step& damaged) {
  if (!said_.emplace(ordinal, damaged.offset).second) return;
  damage_.bytes += damaged.bytes;
  log_->error("{}: {} bytes at offset {} cannot be read any more; they are lost",
              path_of(ordinal == active_.ordinal ? active_ : whole_.at(ordinal)).string(),
              damaged.bytes, damaged.offset);
}

Result<std::optional<Spool::Record>> Spool::read(std::uint64_t after) {
  std::uint64_t ordinal = ordinal_of(after);
  while (true) {
    const auto next = whole_.lower_bound(ordinal);
    ordinal = next == whole_.end() ? std::max(ordinal, active_.ordinal) : next->first;
    if (ordinal > active_.ordinal) return std::optional<Record>();
    auto current = reading(ordinal, after);
    if (!current) return current.error();
    while (true) {
      const auto step = (*current)->reader.next();
      if (!step) return step.error();
      if (step->state == SpoolReader::State::kEnd) break;
      if (step->state == SpoolReader::State::kDamage) {
        say_damage(ordinal, *step);
        continue;
      }
      const std::uint64_t number = number_of(ordinal, step->record.index);
      (*current)->given = number;
      if (number > after) {
        return std::optional(Record{number, step->record.key, step->record.bytes});
      }
    }
    if (ordinal == active_.ordinal) return std::optional<Record>();
    ++ordinal;
  }
}

}  // namespace docmill

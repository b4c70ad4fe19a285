// The part of Spool that gives back the room of settled records, and keeps their keys.
//
// A segment with only keys has its ordinal, its nonce and the indices of its records; the records
// without a remembered key are missing, and the others have no bytes.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/spool.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

// As many settled bytes in the active segment are worth the syncs of another file.
constexpr std::uint64_t kWorthReplacing = 1 << 20;

}  // namespace

bool Spool::has_keys_first() const {
  const std::uint64_t ordinal = whole_.begin()->first;
  const auto key = std::lower_bound(
      key_order_.begin(), key_order_.end(), number_of(ordinal, 0),
      [](const auto& known, std::uint64_t number) { return known.first < number; });
  return key != key_order_.end() && ordinal_of(key->first) == ordinal;
}

// Its keys are remembered, and there is room for them: a client that has not got its answer and
// sends again must be known, also after a restart, and when all was settled meanwhile.
// Documents that still wait take no room from them before a record needs it.
bool Spool::is_kept_for_keys() const {
  std::uint64_t settled = 0;
  for (const auto& [ordinal, segment] : whole_) {
    if (!ends_by(segment, settled_)) break;
    settled += segment.bytes;
  }
  return has_keys_first() && settled <= limits_.bytes.count / 2;
}

// Its keys stay known until the process ends.
Result<void> Spool::drop_first() {
  const SpoolSegment first = whole_.begin()->second;
  if (reading_ && reading_->ordinal == first.ordinal) reading_.reset();
  if (auto removed = remove(first); !removed) return removed;
  whole_bytes_ -= first.bytes;
  whole_.erase(first.ordinal);
  return {};
}

bool Spool::has_to_forget(std::uint64_t upto) const {
  const auto first = whole_.upper_bound(shortened_);
  return (first != whole_.end() && ends_by(first->second, upto)) || active_ends_by(upto);
}

Result<void> Spool::forget(std::uint64_t upto) {
  settled_ = std::max(settled_, upto);
  if (auto shrunk = shrink_whole(); !shrunk) return shrunk;
  // The active segment keeps its place until it is full.
  const std::uint64_t worth = std::max(kWorthReplacing, kept_bytes_);
  if (is_settled_active() && file_->length() - kept_bytes_ >= worth) return keep_keys_of_active();
  return {};
}

// Bytes of documents before keys: what is left of them decides whether the keys have room.
Result<void> Spool::shrink_whole() {
  while (!whole_.empty() && is_settled_first() && !has_keys_first()) {
    if (auto dropped = drop_first(); !dropped) return dropped;
  }
  auto kept = keep_keys_of_whole();
  while (!whole_.empty() && is_settled_first() && !is_kept_for_keys()) {
    if (auto dropped = drop_first(); !dropped) return dropped;
    if (!kept) kept = keep_keys_of_whole();
  }
  return kept;
}

std::string Spool::keys_between(std::uint64_t first, std::uint64_t end, std::uint64_t nonce) const {
  std::string keys;
  auto key = std::lower_bound(
      key_order_.begin(), key_order_.end(), first,
      [](const auto& known, std::uint64_t number) { return known.first < number; });
  for (; key != key_order_.end() && key->first < end; ++key) {
    const auto index = static_cast<std::uint32_t>(key->first);
    encode({index, index, key->second, {}}, nonce, keys);
  }
  return keys;
}

Result<void> Spool::keep_keys_of_whole() {
  for (auto next = whole_.upper_bound(shortened_); next != whole_.end(); ++next) {
    SpoolSegment& segment = next->second;
    if (!segment.whole || !ends_by(segment, settled_)) return {};
    if (auto kept = keep_keys_of(segment); !kept) return kept;
    shortened_ = segment.ordinal;
  }
  return {};
}

// A crash may leave both files. Either is right, as the records are settled; load() takes one.
Result<void> Spool::keep_keys_of(SpoolSegment& segment) {
  const std::uint64_t first = number_of(segment.ordinal, 0);
  const std::string keys = keys_between(first, first + segment.count, segment.nonce);
  if (keys.size() >= segment.bytes) return {};
  SpoolSegment shorter = segment;
  shorter.bytes = keys.size();
  Disk& disk = lock_.disk();
  if (auto written = write_whole(disk, path_of(shorter), keys); !written) {
    // What there is of it takes room that is needed.
    static_cast<void>(disk.remove(Disk::kHere, path_of(shorter).string() + ".new"));
    return written;
  }
  if (reading_ && reading_->ordinal == segment.ordinal) reading_.reset();
  const SpoolSegment longer = std::exchange(segment, shorter);
  whole_bytes_ -= longer.bytes - shorter.bytes;
  return remove(longer);
}

// Ends with the last index that is durable, with a key or without: a group that is torn behind it
// is told by that.
std::string Spool::keys_of_active(bool with_keys) const {
  const std::uint64_t last = number_of(active_.ordinal, group_ - 1);
  std::string keys =
      with_keys ? keys_between(number_of(active_.ordinal, 0), last, active_.nonce) : std::string();
  std::string end = with_keys ? keys_between(last, last + 1, active_.nonce) : std::string();
  if (end.empty()) encode({group_ - 1, group_ - 1, {}, {}}, active_.nonce, end);
  return keys + end;
}

Result<void> Spool::keep_keys_of_active() {
  const std::string begun = path_of(active_).string() + ".new";
  Disk& disk = lock_.disk();
  if (disk.remove(Disk::kHere, begun) != 0 && errno != ENOENT) {
    return disk_error(begun, "delete", errno);
  }
  auto replaced = replace_active(begun, keys_of_active(true));
  if (!replaced) static_cast<void>(disk.remove(Disk::kHere, begun));
  return replaced ? finish_replacing() : replaced;
}

Result<void> Spool::replace_active(const std::string& begun, const std::string& keys) {
  auto file = AppendFile::open(lock_.disk(), begun, std::nullopt);
  if (!file) return file.error();
  file->append(keys);
  if (auto synced = file->sync(); !synced) return synced;
  const std::string path = path_of(active_);
  if (lock_.disk().rename(begun, path) != 0) return disk_error(begun, "rename", errno);
  file->renamed(path);
  file->append(file_->group());
  file_ = std::move(*file);
  reading_.reset();
  kept_bytes_ = file_->length();
  replaced_ = true;
  return {};
}

// Nothing is appended before the file has its name for good, and its last index.
Result<void> Spool::finish_replacing() {
  if (file_->length() == 0 && group_ > 0) {
    if (auto begun = file_->start_again(keys_of_active(true)); !begun) return begun;
    kept_bytes_ = file_->length();
  }
  if (!replaced_) return {};
  if (auto synced = sync_folder(lock_.disk(), folder_); !synced) return synced;
  replaced_ = false;
  return {};
}

// The bytes of documents first, in a way that a crash can do nothing to; without any room for
// another file in place; the keys last, since a spool that stays full for ever takes nothing at
// all.
Result<bool> Spool::give_back() {
  const std::uint64_t before = bytes();
  auto kept = keep_keys_of_whole();
  if (!kept && kept.error().code != ErrorCode::kUnavailable) return kept.error();
  if (bytes() < before) return true;
  if (is_settled_active()) {
    kept = keep_keys_of_active();
    if (kept) return true;
    if (kept.error().code != ErrorCode::kUnavailable) return kept.error();
    if (replaced_) return kept.error();
    reading_.reset();
    kept_bytes_ = 0;
    kept = file_->start_again(keys_of_active(true));
    if (!kept) return kept.error();
    kept_bytes_ = file_->length();
    return true;
  }
  if (!whole_.empty() && is_settled_first()) {
    if (auto dropped = drop_first(); !dropped) return dropped.error();
    return true;
  }
  if (settled_ < last_ || group_ == 0) return false;
  const std::string end = keys_of_active(false);
  if (kept_bytes_ <= end.size()) return false;
  reading_.reset();
  if (auto replaced = file_->start_again(end); !replaced) return replaced.error();
  kept_bytes_ = file_->length();
  return true;
}

}  // namespace docmill

// The part of Spool that looks at what an earlier life has left.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/spool.h"

namespace docmill {
namespace {

// How far the file of a process that died is good.
struct Good {
  std::uint64_t length = 0;
  std::uint64_t count = 0;
};

// Of the last group nothing was answered if any of it is missing: it ends where the first of that
// is. Damage before the last group is the disk's, and stays.
Result<Good> good_part(SpoolReader& reader) {
  Good good;
  std::uint64_t group = 0;
  std::optional<Good> hole;  // the first one of the group
  while (true) {
    const auto step = reader.next();
    if (!step) return step.error();
    if (step->state == SpoolReader::State::kEnd) break;
    if (step->state == SpoolReader::State::kDamage) {
      if (!hole) hole = {step->offset, good.count};
      continue;
    }
    group = std::max<std::uint64_t>(group, step->record.group);
    if (hole && hole->count < group) hole.reset();
    good = {step->offset + step->bytes, std::uint64_t{step->record.index} + 1};
  }
  return hole && hole->length < good.length ? *hole : good;
}

bool is_of_another_version(std::string_view name) {
  const std::size_t digits = name.find_first_not_of("0123456789");
  return digits != name.npos && digits > 0 && name[digits] == '-' &&
         !name.starts_with(kSpoolVersion) && (name.ends_with(".open") || name.ends_with(".whole"));
}

// A segment with only keys, or a part of one: what it was made from is there.
bool is_begun(std::string_view name) {
  return name.ends_with(".new") && parse_segment_name(name.substr(0, name.size() - 4));
}

std::string plural(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace

Result<void> Spool::load() {
  const Result<std::vector<SpoolSegment>> segments = list();
  if (!segments) return segments.error();
  for (const SpoolSegment& segment : *segments) {
    if (const auto other = whole_.find(segment.ordinal); other != whole_.end()) {
      if (auto left = leave_shorter(other->second, segment); !left) return left;
    } else if (!segment.whole) {
      if (auto recovered = recover(segment); !recovered) return recovered;
    } else {
      whole_.emplace(segment.ordinal, segment);
      whole_bytes_ += segment.bytes;
    }
  }
  count_missing();
  for (const auto& [ordinal, segment] : whole_) {
    if (auto checked = check(segment); !checked) return checked;
    if (segment.count > 0) last_ = last_of(segment);
  }
  // This syncs the folder, with the names that changed above.
  return begin(whole_.empty() ? 1 : whole_.rbegin()->first + 1);
}

// A crash came between the two, when only the keys of a segment were to be left.
Result<void> Spool::leave_shorter(SpoolSegment& known, const SpoolSegment& other) {
  if (other.bytes >= known.bytes) return remove(other);
  const SpoolSegment longer = std::exchange(known, other);
  whole_bytes_ -= longer.bytes - other.bytes;
  return remove(longer);
}

Result<std::vector<SpoolSegment>> Spool::list() {
  std::vector<SpoolSegment> segments;
  std::vector<std::string> names;
  if (lock_.disk().list(folder_.string(), names) != 0) {
    return file_error(folder_.string(), "read", errno, "let this user read it");
  }
  for (const std::string& name : names) {
    if (const auto segment = parse_segment_name(name)) segments.push_back(*segment);
    if (is_begun(name)) {
      const std::string path = folder_ / name;
      if (lock_.disk().remove(Disk::kHere, path) != 0) return disk_error(path, "delete", errno);
    }
    if (is_of_another_version(name)) {
      return corrupt(
          fmt::format("{}: expected version 1, found another; use the version of docmill "
                      "that wrote it",
                      (folder_ / name).string()));
    }
  }
  std::sort(segments.begin(), segments.end(),
            [](const auto& a, const auto& b) { return a.ordinal < b.ordinal; });
  return segments;
}

void Spool::count_missing() {
  std::uint64_t expected = whole_.empty() ? 0 : whole_.begin()->first;
  for (const auto& [ordinal, segment] : whole_) {
    if (ordinal > expected) {
      damage_.segments += ordinal - expected;
      log_->error("{}: {} before {} not there; what they held is lost", folder_.string(),
                  plural(ordinal - expected, "segment"),
                  name_of(segment) + (ordinal - expected == 1 ? " is" : " are"));
    }
    expected = ordinal + 1;
  }
}

// What was appended to when its process died becomes a segment like the others.
Result<void> Spool::recover(SpoolSegment segment) {
  const std::string path = path_of(segment);
  Disk& disk = lock_.disk();
  const DiskFile file(disk, disk.open(Disk::kHere, path, O_RDWR | O_NONBLOCK, 0));
  FileFacts facts;
  if (!file.open() || file.look(facts) != 0) return disk_error(path, "open", errno);
  auto reader = SpoolReader::open(disk, path, segment.nonce, facts.size);
  if (!reader) return reader.error();
  const Result<Good> good = good_part(*reader);
  if (!good) return good.error();
  const std::uint64_t cut = facts.size - good->length;
  if (cut > 0) {
    damage_.cut += cut;
    log_->warn("{}: {} at its end were not answered; they are cut off", path, plural(cut, "byte"));
    if (file.truncate(good->length) != 0) {
      return disk_error(path, "cut", errno);
    }
  }
  // Also what is good: the process may have died before its sync, and now it is given out.
  if (const int error_number = sync_data(file); error_number != 0) {
    return corrupt(fmt::format("{}: sync: {}; check the disk, then start again", path,
                               error_text(error_number)));
  }
  return complete(segment, good->length, good->count);
}

Result<void> Spool::check(const SpoolSegment& segment) {
  const std::string path = path_of(segment);
  auto reader = SpoolReader::open(lock_.disk(), path, segment.nonce, segment.bytes);
  if (!reader) return reader.error();
  std::uint64_t expected = 0;
  std::uint64_t lost = 0;
  std::uint64_t bytes = 0;
  bool damaged = false;  // behind the last record
  std::optional<std::uint64_t> first;
  while (true) {
    const auto step = reader->next();
    if (!step) return step.error();
    if (step->state == SpoolReader::State::kEnd) break;
    if (step->state == SpoolReader::State::kDamage) {
      bytes += step->bytes;
      said_.emplace(segment.ordinal, step->offset);
      first = first.value_or(step->offset);
      damaged = true;
      continue;
    }
    // What is missing between two records that follow one another was settled, and dropped.
    if (std::exchange(damaged, false)) lost += step->record.index - expected;
    expected = std::uint64_t{step->record.index} + 1;
    remember(step->record.key, number_of(segment.ordinal, step->record.index));
  }
  if (damaged) lost += segment.count - std::min(expected, segment.count);
  if (lost == 0 && bytes == 0) return {};
  damage_.records += lost;
  damage_.bytes += bytes;
  log_->error("{}: {} ({}) could not be read, at offset {} and behind it; they are lost", path,
              plural(lost, "record"), plural(bytes, "byte"), first.value_or(segment.bytes));
  return {};
}

}  // namespace docmill

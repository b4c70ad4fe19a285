#include "producer/files/file_catalog.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "producer/files/file_reader.h"
#include "producer/files/file_search.h"
#include "producer/files/folder_watch.h"

namespace docmill {
namespace {

// What is claimed at once: little enough that the others get theirs, and enough for one sync.
constexpr std::size_t kFilesAtOnce = 64;
constexpr std::uint64_t kBytesAtOnce = 1 << 20;
// Names that one call looks at, and files that become durable together.
constexpr std::size_t kNamesAtOnce = 512;
constexpr std::size_t kRowsAtOnce = 8192;

Error about(std::string_view field, const Error& error) {
  return {error.code, fmt::format("{}: {}", field, error.text)};
}

}  // namespace

Result<FileCatalog> FileCatalog::open(std::string path, SourceCatalog& rows,
                                      std::unique_ptr<FileClaims> claims) {
  FileCatalog catalog(std::move(path), rows, std::move(claims));
  for (const auto& [number, row] : rows.rows()) {
    catalog.size_ = number + 1;
    if (row.empty() || catalog.take_row(number, row)) continue;
    return corrupt(
        fmt::format("the list of files seen has the row '{}', which this version does not "
                    "understand; use the version that wrote it, or start over with --fresh",
                    row));
  }
  return catalog;
}

Result<void> FileCatalog::claim_again() {
  if (!claims_) return {};
  for (const auto& [number, seen] : files_) {
    if (seen.done && has_left(seen)) continue;
    const KnownFile& file = seen.file;
    const Result<std::string> owner = claims_->claim(file.path);
    if (!owner) return about("claims", owner.error());
    if (*owner == claims_->producer()) continue;
    return corrupt(fmt::format(
        "claims: {} was read here, but {} has claimed it since; stop that one, and start "
        "over with --fresh",
        file.path, *owner));
  }
  const Result<void> synced = claims_->sync();
  return synced ? refuse_other_spelling() : about("claims", synced.error());
}

// A claim has the text of a path for its name, so that producers on different hosts agree. Under
// another spelling nobody would find the claims that are there.
Result<void> FileCatalog::refuse_other_spelling() {
  const Result<std::vector<std::string>> names = search_names(path_);
  if (!names) return about("path", names.error());
  for (const std::string& name : *names) {
    const auto known = newest_.find(plain_path(name));
    if (known == newest_.end() || files_.at(known->second).file.path == name) continue;
    return config_error(fmt::format(
        "path: {} was claimed as {}, and claims know a file by the text of its path; write the "
        "path as before",
        name, files_.at(known->second).file.path));
  }
  return {};
}

// Moved before its row was forgotten; another file may be there now, and somebody else's.
bool FileCatalog::has_left(const SeenFile& seen) const {
  const auto now = look_at(seen.file.path);
  return now && !(*now && (is_still_there(seen.file, **now) || is_written_on(seen, **now)));
}

bool FileCatalog::is_away(const SeenFile& seen) const {
  const auto now = look_at(seen.file.path);
  return now && !*now && !folders_.is_gone(seen.file);
}

// The inode of a file that is deleted is soon that of another one.
bool FileCatalog::is_written_on(const SeenFile& seen, const KnownFile& now) {
  if (!seen.done || seen.file.inode != now.inode) return false;
  return seen.born == 0 || seen.born == birth_of(now.path);
}

bool FileCatalog::take_row(std::size_t number, std::string_view row) {
  std::optional<SeenFile> seen = parse_row(row);
  if (!seen) return false;
  // One that was replaced or taken away since is somebody's care already.
  if (seen->failed && (!has_left(*seen) || is_away(*seen))) ++failed_;
  add(number, std::move(*seen));
  return true;
}

std::string FileCatalog::failed_row(std::size_t number) const {
  SeenFile seen = files_.at(number);
  seen.failed = true;
  return row_of(seen);
}

Result<void> FileCatalog::mark_failed(std::size_t number) {
  SeenFile& seen = files_.at(number);
  if (seen.failed) return {};
  const std::string row = failed_row(number);
  if (auto kept = rows_->rewrite({{number, row}}); !kept) return about("path", kept.error());
  seen.failed = true;
  ++failed_;
  return {};
}

void FileCatalog::add(std::size_t number, SeenFile seen) {
  folders_.remember(seen.file);
  newest_.insert_or_assign(plain_path(seen.file.path), number);
  files_.insert_or_assign(number, std::move(seen));
  size_ = number + 1;
}

std::size_t FileCatalog::next_from(std::size_t number) const {
  const auto found = files_.lower_bound(number);
  return found == files_.end() ? size_ : found->first;
}

Result<void> FileCatalog::search() {
  Result<std::vector<std::string>> names = search_names(path_);
  if (!names) return about("path", names.error());
  candidates_.assign(std::make_move_iterator(names->begin()),
                     std::make_move_iterator(names->end()));
  searched_ = true;
  added_ = 0;
  others_.clear();
  return {};
}

Result<std::optional<KnownFile>> FileCatalog::new_file(const std::string& path) {
  using Nothing = std::optional<KnownFile>;
  if (!watched_ && newest_.contains(plain_path(path))) return Nothing();
  auto file = look_at(path);
  if (!file) return about("path", file.error());
  if (!*file) {
    if (std::string broken = broken_link(path); !broken.empty()) {
      passed_over_.push_back(std::move(broken));
    }
    return Nothing();
  }
  if (!is_new(**file)) return Nothing();
  if (!watched_) return file;
  if (!whole_files_.is_whole(path)) return Nothing();
  // Its size is the one that it has now that nobody writes.
  file = look_at(path);
  return file ? file : about("path", file.error());
}

bool FileCatalog::is_new(const KnownFile& file) const {
  const auto known = newest_.find(plain_path(file.path));
  if (known == newest_.end()) return true;
  if (!watched_) return false;
  return !is_still_there(files_.at(known->second).file, file);
}

bool FileCatalog::drain() {
  draining_ = claims_ != nullptr;
  return draining_;
}

Result<void> FileCatalog::find(KnownFile file) {
  const Result<Compression> compression = FileReader::look(file.path);
  if (!compression) return about("path", compression.error());
  file.compression = *compression;
  found_.push_back(std::move(file));
  return {};
}

Result<void> FileCatalog::find_some() {
  for (std::size_t i = 0; i < kNamesAtOnce && !candidates_.empty(); ++i) {
    auto file = new_file(candidates_.front());
    if (!file) return file.error();
    if (*file) {
      if (auto found = find(std::move(**file)); !found) return found;
    }
    candidates_.pop_front();
  }
  return {};
}

Result<void> FileCatalog::claim_some() {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < kNamesAtOnce && !candidates_.empty() &&
                          found_.size() < kFilesAtOnce && bytes < kBytesAtOnce;
       ++i, candidates_.pop_front()) {
    const std::string& path = candidates_.front();
    auto file = new_file(path);
    if (!file) return file.error();
    if (!*file) continue;
    const Result<std::string> owner = draining_ ? claims_->holder(path) : claims_->claim(path);
    if (!owner) return about("claims", owner.error());
    if (*owner != claims_->producer()) {
      if (!owner->empty()) ++others_[*owner];
      continue;
    }
    // Not before: a claim may have been given back together with the file.
    file = look_at(path);
    if (!file) return about("path", file.error());
    if (!*file) {
      if (auto released = claims_->release(path); !released) {
        return about("claims", released.error());
      }
      continue;
    }
    bytes += (*file)->size;
    if (auto found = find(std::move(**file)); !found) return found;
  }
  const Result<void> synced = claims_->sync();
  return synced ? synced : about("claims", synced.error());
}

Result<void> FileCatalog::keep_found() {
  if (found_.empty()) return {};
  std::vector<std::string> rows;
  for (const KnownFile& file : found_) rows.push_back(row_of({.file = file}));
  if (const Result<void> kept = rows_->append(rows); !kept) return about("path", kept.error());
  added_ += found_.size();
  for (KnownFile& file : found_) add(size_, {.file = std::move(file)});
  found_.clear();
  return {};
}

Result<std::optional<std::size_t>> FileCatalog::scan() {
  if (!searched_) {
    if (auto searched = search(); !searched) return searched.error();
  }
  if (claims_) {
    if (auto claimed = claim_some(); !claimed) return claimed.error();
    const std::size_t claimed = found_.size();
    if (auto kept = keep_found(); !kept) return kept.error();
    // Others get their part while this one reads.
    if (claimed > 0) return std::optional(claimed);
  } else {
    if (auto found = find_some(); !found) return found.error();
    if (candidates_.empty() || found_.size() >= kRowsAtOnce) {
      if (auto kept = keep_found(); !kept) return kept.error();
    }
  }
  if (!candidates_.empty()) return std::optional<std::size_t>();
  searched_ = false;
  // What has come since was not looked at.
  if (claims_ && added_ > 0) return scan();
  return std::optional(added_);
}

Result<void> FileCatalog::mark(const std::vector<std::size_t>& numbers, bool done) {
  SourceRows rows;
  std::map<std::size_t, SeenFile> changed;
  for (const std::size_t number : numbers) {
    if (is_done(number) == done) continue;
    SeenFile seen = files_.at(number);
    seen.done = done;
    seen.born = done ? birth_of(seen.file.path) : 0;
    changed.emplace(number, seen);
    rows.emplace(number, row_of(seen));
  }
  if (rows.empty()) return {};
  if (const Result<void> kept = rows_->rewrite(rows); !kept)
    return about("when_done", kept.error());
  for (auto& [number, seen] : changed) files_.at(number) = std::move(seen);
  return {};
}

// In this order: a claim without a row would keep others from a new file of that name for ever.
Result<void> FileCatalog::forget(const std::vector<std::size_t>& numbers, std::string_view field) {
  if (numbers.empty()) return {};
  SourceRows rows;
  for (const std::size_t number : numbers) {
    rows.emplace(number, "");
    if (!claims_) continue;
    if (auto given = claims_->give_back(file(number).path); !given) {
      return about("claims", given.error());
    }
  }
  if (claims_) {
    if (auto synced = claims_->sync(); !synced) return about("claims", synced.error());
  }
  if (const Result<void> kept = rows_->rewrite(rows); !kept) return about(field, kept.error());
  for (const std::size_t number : numbers) {
    const auto newest = newest_.find(plain_path(file(number).path));
    if (newest != newest_.end() && newest->second == number) newest_.erase(newest);
    files_.erase(number);
  }
  return {};
}

}  // namespace docmill

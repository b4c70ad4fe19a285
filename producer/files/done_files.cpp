#include "producer/files/done_files.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "producer/files/file_search.h"
#include "producer/files/plain_path.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

constexpr std::size_t kTogether = 256;
constexpr Duration kPause = std::chrono::milliseconds(200);

}  // namespace

DoneFiles::DoneFiles(Options options, FileCatalog& catalog, const Clock& clock, Log& log)
    : options_(std::move(options)),
      catalog_(catalog),
      clock_(clock),
      log_(log),
      done_to_(options_.when_done.move_to),
      failed_to_(options_.when_done.failed_to) {}

// Whether it is to leave its place at all.
bool DoneFiles::leaves(std::size_t number) const {
  if (!is_ours(catalog_.file(number).path)) return false;
  return !catalog_.has_failed(number) || !options_.when_done.failed_to.empty();
}

Result<void> DoneFiles::work(bool ending) {
  if (!pending() || (clock_.now() < next_try_ && !ending)) return {};
  if (!ending && settled_ - next_ < kTogether && clock_.now() < next_work_) return {};
  std::vector<std::size_t> files;
  std::size_t number = catalog_.next_from(next_);
  for (; number < settled_ && files.size() < kTogether; number = catalog_.next_from(number + 1)) {
    if (leaves(number)) files.push_back(number);
  }
  next_work_ = clock_.now() + kPause;
  if (Result<void> finished = finish(files); !finished) {
    next_try_ = clock_.now() + kRetryFullDisk;
    return finished;
  }
  next_ = std::min(number, settled_);
  return {};
}

Result<void> DoneFiles::finish(const std::vector<std::size_t>& files) {
  std::vector<std::size_t> marked;
  std::vector<std::size_t> forgotten;
  std::vector<std::size_t> kept;
  for (const std::size_t number : files) {
    const Result<Found> found = look(number);
    if (!found) return found.error();
    if (*found != Found::kKept) marked.push_back(number);
  }
  if (auto done = catalog_.mark_done(marked); !done) return done;
  std::set<std::string> folders;
  bool moved = false;
  bool moved_failed = false;
  for (const std::size_t number : marked) {
    const KnownFile& file = catalog_.file(number);
    // Marked: whatever has taken its place meanwhile is another file.
    const Result<Found> found = look(number);
    if (!found) return found.error();
    if (*found == Found::kKept) {
      kept.push_back(number);
      continue;
    }
    if (*found == Found::kSame) catalog_.folders().found(file.path);
    const Result<bool> removed = *found == Found::kSame ? remove(number) : Result<bool>(true);
    if (!removed) return removed.error();
    if (!*removed) {
      kept.push_back(number);
      continue;
    }
    folders.insert(folder_of(file.path));
    (catalog_.has_failed(number) ? moved_failed : moved) = true;
    forgotten.push_back(number);
  }
  // Whoever writes to one that stays, or replaces it, has not made a file that is to be read.
  if (auto marked_again = catalog_.mark_kept(kept); !marked_again) return marked_again;
  std::vector<std::string> changed(folders.begin(), folders.end());
  // The new names first: a power cut between the two may leave both, and never none.
  if (moved && options_.when_done.action == WhenDoneAction::kMove) {
    changed.insert(changed.begin(), done_to_.folder());
  }
  if (moved_failed) changed.insert(changed.begin(), failed_to_.folder());
  for (const std::string& folder : changed) {
    const Result<bool> synced = sync(folder);
    if (!synced) return synced.error();
    if (!*synced) return {};
  }
  if (auto left = have_left(forgotten); !left) return left;
  return catalog_.forget(forgotten, "when_done");
}

// A disk that went away while its files were moved may bring them back.
Result<void> DoneFiles::have_left(const std::vector<std::size_t>& files) {
  for (const std::size_t number : files) {
    const Result<bool> gone = catalog_.folders().is_gone(catalog_.file(number));
    if (!gone && gone.error().code == ErrorCode::kUnavailable) {
      return unavailable("when_done: " + gone.error().text);
    }
  }
  return {};
}

Result<DoneFiles::Found> DoneFiles::look(std::size_t number) {
  const KnownFile& file = catalog_.file(number);
  const auto now = look_at(file.path);
  const Result<bool> gone = now && !*now ? catalog_.folders().is_gone(file) : Result<bool>(false);
  if (!now || !gone) {
    const Error& error = now ? gone.error() : now.error();
    if (error.code != ErrorCode::kConfig) return Error{error.code, "when_done: " + error.text};
    warn_once("when_done: " + error.text);
    return Found::kKept;
  }
  if (*gone) return Found::kGone;
  if (!*now) return unavailable(fmt::format("when_done: {}: missing for a moment", file.path));
  if (is_still_there(file, **now)) return Found::kSame;
  // One that was marked had been as it was read. It has left, and this one came after it, or it was
  // written to before it could leave.
  const bool is_another = options_.watched || !catalog_.is_written_on(number, **now);
  if (catalog_.is_done(number) && is_another) return Found::kGone;
  log_.warn(
      "{}: changed since it was read ({} bytes then, {} now); it stays{}", file.path, file.size,
      (*now)->size,
      options_.watched ? " and is read as another file" : ", and is not read again before --fresh");
  return options_.watched ? Found::kGone : Found::kKept;
}

Result<bool> DoneFiles::remove(std::size_t number) {
  const KnownFile& file = catalog_.file(number);
  const bool failed = catalog_.has_failed(number);
  // What is marked stays so when `failed_to` is left out of the settings after a crash.
  if (failed && options_.when_done.failed_to.empty()) return false;
  const Result<void> removed = failed ? failed_to_.move(file.path)
                               : options_.when_done.action == WhenDoneAction::kMove
                                   ? done_to_.move(file.path)
                                   : delete_file(file.path);
  if (removed) return true;
  if (removed.error().code != ErrorCode::kConfig) {
    return Error{removed.error().code, "when_done: " + removed.error().text};
  }
  warn_once("when_done: " + removed.error().text);
  return false;
}

Result<bool> DoneFiles::sync(const std::string& folder) {
  std::error_code unknown;
  if (!std::filesystem::exists(folder, unknown)) return true;  // and nothing in it
  SystemDisk disk;
  const Result<void> synced = sync_folder(disk, folder);
  if (synced) return true;
  const std::string text = "when_done: " + synced.error().text;
  if (synced.error().code != ErrorCode::kConfig) return Error{synced.error().code, text};
  warn_once(text);
  return false;
}

bool DoneFiles::is_ours(const std::string& path) const {
  const std::string where = plain_path(options_.path);
  const std::string plain = plain_path(path);
  if (plain == where) return true;
  constexpr int kHow = FNM_PATHNAME | FNM_PERIOD;
  if (fnmatch(options_.path.c_str(), path.c_str(), kHow) == 0) return true;
  if (fnmatch(where.c_str(), plain.c_str(), kHow) == 0) return true;
  return std::filesystem::path(plain).parent_path() == where;
}

void DoneFiles::warn_once(const std::string& text) {
  if (std::exchange(warned_, true)) return;
  log_.warn("producer.source.{}.{}; files that are done stay, and leave at the next start",
            options_.key, text);
}

}  // namespace docmill

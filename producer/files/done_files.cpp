#include "producer/files/done_files.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "producer/files/file_move.h"
#include "producer/files/file_search.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

constexpr std::size_t kTogether = 256;
constexpr Duration kPause = std::chrono::milliseconds(200);

}  // namespace

DoneFiles::DoneFiles(Options options, FileCatalog& catalog, const Clock& clock, Log& log)
    : options_(std::move(options)), catalog_(catalog), clock_(clock), log_(log) {}

Result<void> DoneFiles::work(bool all) {
  while (next_ < settled_) {
    if (!all && settled_ - next_ < kTogether && clock_.now() < next_work_) return {};
    std::vector<std::size_t> files;
    std::size_t number = catalog_.next_from(next_);
    for (; number < settled_ && files.size() < kTogether; number = catalog_.next_from(number + 1)) {
      if (is_ours(catalog_.file(number).path)) files.push_back(number);
    }
    next_work_ = clock_.now() + kPause;
    if (Result<void> finished = finish(files); !finished) {
      if (finished.error().code != ErrorCode::kUnavailable) return finished;
      warn_once(finished.error().text);
      next_work_ = clock_.now() + kRetryFullDisk;
      return {};
    }
    next_ = std::min(number, settled_);
    if (!all) return {};
  }
  return {};
}

Result<void> DoneFiles::finish(const std::vector<std::size_t>& files) {
  std::vector<std::size_t> marked;
  std::vector<std::size_t> forgotten;
  for (const std::size_t number : files) {
    if (look(number) != Found::kKept) marked.push_back(number);
  }
  if (auto done = catalog_.mark_done(marked); !done) return done;
  std::set<std::string> folders;
  for (const std::size_t number : marked) {
    const KnownFile& file = catalog_.file(number);
    // Marked: whatever has taken its place meanwhile is another file.
    const Found found = look(number);
    if (found == Found::kKept || (found == Found::kSame && !remove(file))) continue;
    folders.insert(folder_of(file.path));
    forgotten.push_back(number);
  }
  std::vector<std::string> changed(folders.begin(), folders.end());
  // The new names first: a power cut between the two may leave both, and never none.
  if (!changed.empty() && options_.when_done.action == WhenDoneAction::kMove) {
    changed.insert(changed.begin(), options_.when_done.move_to);
  }
  for (const std::string& folder : changed) {
    const Result<bool> synced = sync(folder);
    if (!synced) return synced.error();
    if (!*synced) return {};
  }
  return catalog_.forget(forgotten);
}

DoneFiles::Found DoneFiles::look(std::size_t number) {
  const KnownFile& file = catalog_.file(number);
  const auto now = look_at(file.path);
  if (!now) {
    warn_once("when_done: " + now.error().text);
    return Found::kKept;
  }
  if (!*now) return Found::kGone;
  if (is_same(file, **now)) return Found::kSame;
  // One that was marked had been as it was read, and has left; this one came after it.
  if (catalog_.is_done(number)) return Found::kGone;
  log_.warn(
      "{}: changed since it was read ({} bytes then, {} now); it stays{}", file.path, file.size,
      (*now)->size,
      options_.watched ? " and is read as another file" : ", and is not read again before --fresh");
  return options_.watched ? Found::kGone : Found::kKept;
}

bool DoneFiles::remove(const KnownFile& file) {
  const WhenDone& when_done = options_.when_done;
  const Result<void> removed = when_done.action == WhenDoneAction::kMove
                                   ? move_file(file.path, when_done.move_to)
                                   : delete_file(file.path);
  if (!removed) warn_once("when_done: " + removed.error().text);
  return removed.ok();
}

Result<bool> DoneFiles::sync(const std::string& folder) {
  std::error_code unknown;
  if (!std::filesystem::exists(folder, unknown)) return true;  // and nothing in it
  SystemDisk disk;
  const Result<void> synced = sync_folder(disk, folder);
  if (synced) return true;
  const std::string text = "when_done: " + synced.error().text;
  if (synced.error().code == ErrorCode::kCorrupt) return corrupt(text);
  warn_once(text);
  return false;
}

bool DoneFiles::is_ours(const std::string& path) const {
  if (path == options_.path) return true;
  if (fnmatch(options_.path.c_str(), path.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0) return true;
  return std::filesystem::path(path).parent_path() ==
         (std::filesystem::path(options_.path) / "x").parent_path();
}

void DoneFiles::warn_once(const std::string& text) {
  if (std::exchange(warned_, true)) return;
  log_.warn("producer.source.{}.{}; files that are done stay, and leave at the next start",
            options_.key, text);
}

}  // namespace docmill

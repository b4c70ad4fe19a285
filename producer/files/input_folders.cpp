#include "producer/files/input_folders.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "producer/files/file_search.h"
#include "shared/base/system_error.h"
#include "shared/store/folder.h"
#include "shared/store/system_disk.h"

namespace docmill {
namespace {

constexpr std::size_t kMostFolders = 10'000;  // that are remembered

std::int64_t nanoseconds(const struct timespec& time) {
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

std::int64_t today() {
  struct timespec time {};
  clock_gettime(CLOCK_REALTIME, &time);
  return nanoseconds(time);
}

bool shows_no_file(const std::string& folder) {
  const auto names = search_names(folder);
  return names && names->empty();
}

// Where the content is: a link may lead to another disk.
std::string place_of(const std::string& path) {
  std::error_code none;
  const std::filesystem::path target = std::filesystem::read_symlink(path, none);
  if (none) return path;
  return target.is_absolute() ? target : std::filesystem::path(folder_of(path)) / target;
}

}  // namespace

InputFolders::InputFolders(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_regular_file(path, unknown)) return;
  std::filesystem::path base;
  const std::filesystem::path whole(path);
  for (auto part = whole.begin(); part != whole.end() && !is_pattern(*part); ++part) base /= *part;
  deep_ = base != whole && base != whole.parent_path();
  base_ = base.empty() ? "." : base.string();
}

// A time in the future proves nothing.
void InputFolders::remember(const KnownFile& file) {
  if (file.modified > today_) today_ = today();
  if (file.modified > today_) return;
  if (newest_.size() >= kMostFolders) newest_.clear();
  std::int64_t& newest = newest_[folder_of(file.path)];
  newest = std::max(newest, file.modified);
}

std::optional<InputFolders::Identity> InputFolders::identity_of(const std::string& folder) {
  struct stat facts {};
  FileFacts found;
  SystemDisk disk;
  if (stat(folder.c_str(), &facts) != 0) return std::nullopt;
  if (disk.look_at(Disk::kHere, folder, found) != 0) return std::nullopt;
  return Identity{facts.st_dev, found.identity};
}

void InputFolders::see(const std::string& folder) {
  const auto identity = identity_of(folder);
  if (!identity) return;
  if (seen_.size() >= kMostFolders) seen_.clear();
  seen_.insert_or_assign(folder, *identity);
}

bool InputFolders::is_below_base(const std::string& path) const {
  return base_ == "." ? !path.starts_with('/') : path.starts_with(base_);
}

void InputFolders::found(const std::string& file) {
  see(folder_of(place_of(file)));
  if (deep_ && is_below_base(file)) see(base_);
}

Result<void> InputFolders::is_here(const std::string& folder, const KnownFile& file) const {
  struct stat facts {};
  const std::string name = std::filesystem::path(file.path).filename();
  if (stat(folder.c_str(), &facts) != 0) {
    return unavailable(
        fmt::format("{}: expected the folder of {}, got '{}'; mount its disk, or make the folder "
                    "if its files were deleted",
                    folder, name, error_text(errno)));
  }
  const auto seen = seen_.find(folder);
  if (seen != seen_.end() && seen->second.device != facts.st_dev) {
    return unavailable(
        fmt::format("{}: expected the disk that had {}, found another one; mount it, or start "
                    "again if its files were deleted",
                    folder, name));
  }
  if (seen != seen_.end() && identity_of(folder) == seen->second) return {};
  const auto newest = newest_.find(folder);
  const std::int64_t written = std::max(newest == newest_.end() ? 0 : newest->second,
                                        file.modified <= today() ? file.modified : 0);
  const bool is_older = nanoseconds(facts.st_mtim) < written;
  if (is_older && shows_no_file(folder)) {
    return unavailable(fmt::format(
        "{}: expected {}, found a folder without files that was last changed before "
        "files in it were written, like a mount point without its disk; mount the disk, or "
        "touch the folder if its files were deleted",
        folder, name));
  }
  return {};
}

Result<void> InputFolders::is_here(const KnownFile& file) const {
  const std::string folder = folder_of(place_of(file.path));
  struct stat facts {};
  const bool may_be_deleted =
      deep_ && is_below_base(file.path) && stat(folder.c_str(), &facts) != 0;
  return is_here(may_be_deleted ? base_ : folder, file);
}

// Twice: the disk may come or go between two looks.
Result<bool> InputFolders::is_gone(const KnownFile& file) const {
  if (auto here = is_here(file); !here) return here.error();
  const auto now = look_at(file.path);
  if (!now) return now.error();
  if (*now) return false;
  if (auto here = is_here(file); !here) return here.error();
  return true;
}

}  // namespace docmill

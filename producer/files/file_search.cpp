#include "producer/files/file_search.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

Error unreadable(const std::string& path, int error_number) {
  if (failure_of(error_number) != Failure::kSetting) {
    return disk_error(path, "look", error_number);
  }
  return config_error(fmt::format("{}: {}; make it readable for this user, or correct the path",
                                  path, error_text(error_number)));
}

bool is_missing(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

// One link among the files must not keep the others from being read.
bool is_broken(const std::string& path, int error_number) {
  if (error_number != ELOOP && error_number != EACCES) return false;
  struct stat facts {};
  return lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
}

// For glob(): not 0 ends the search.
int is_fatal(const char* folder, int error_number) {
  return is_missing(error_number) || is_broken(folder, error_number) ? 0 : 1;
}

Result<std::vector<std::string>> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (!entry->path().filename().string().starts_with('.')) names.push_back(entry->path());
  }
  if (error && !is_missing(error.value())) return unreadable(folder, error.value());
  return names;
}

Result<std::vector<std::string>> names_like(const std::string& pattern) {
  glob_t found{};
  errno = 0;
  const int outcome = glob(pattern.c_str(), GLOB_NOSORT, is_fatal, &found);
  const int error_number = outcome == GLOB_NOSPACE ? ENOMEM : errno;
  std::vector<std::string> names(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (outcome != 0 && outcome != GLOB_NOMATCH) return unreadable(pattern, error_number);
  return names;
}

KnownFile known(const std::string& path, const struct stat& facts) {
  return {.path = path,
          .size = static_cast<std::uint64_t>(facts.st_size),
          .inode = facts.st_ino,
          .modified = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec};
}

}  // namespace

Result<std::vector<std::string>> search_names(const std::string& path) {
  struct stat facts {};
  const int outcome = stat(path.c_str(), &facts);
  if (outcome == 0 && S_ISREG(facts.st_mode)) return std::vector{path};
  if (outcome != 0 && !is_missing(errno)) return unreadable(path, errno);
  Result<std::vector<std::string>> names =
      outcome == 0 && S_ISDIR(facts.st_mode) ? names_in(path) : names_like(path);
  if (names) std::sort(names->begin(), names->end());
  return names;
}

Result<std::vector<KnownFile>> search_files(const std::string& path) {
  const Result<std::vector<std::string>> names = search_names(path);
  if (!names) return names.error();
  std::vector<KnownFile> files;
  for (const std::string& name : *names) {
    auto file = look_at(name);
    if (!file) return file.error();
    if (*file) files.push_back(std::move(**file));  // else gone between the two looks
  }
  return files;
}

std::string broken_link(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) == 0) return {};
  const int error_number = errno;
  if (!is_broken(path, error_number)) return {};
  return fmt::format("{}: {}; this link is passed over; mend or remove it", path,
                     error_text(error_number));
}

Result<std::optional<KnownFile>> look_at(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) {
    const int error_number = errno;
    if (is_missing(error_number) || is_broken(path, error_number)) {
      return std::optional<KnownFile>();
    }
    return unreadable(path, error_number);
  }
  if (!S_ISREG(facts.st_mode)) return std::optional<KnownFile>();
  return std::optional(known(path, facts));
}

bool is_still_there(const KnownFile& then, const KnownFile& now) {
  if (is_same(then, now)) return true;
  if (then.size != now.size || then.modified != now.modified) return false;
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (now.modified % kSecond == 0) return false;
  return birth_of(now.path) > now.modified + kSecond;
}

std::int64_t birth_of(const std::string& path) {
  struct statx facts {};
  if (statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &facts) != 0) return 0;
  if ((facts.stx_mask & STATX_BTIME) == 0) return 0;
  return facts.stx_btime.tv_sec * 1'000'000'000 + facts.stx_btime.tv_nsec;
}

}  // namespace docmill

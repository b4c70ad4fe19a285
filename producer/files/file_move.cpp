#include "producer/files/file_move.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr std::size_t kMostNames = 100'000;  // that are remembered

bool is_missing(int error_number) { return error_number == ENOENT || error_number == ENOTDIR; }

// 0 or the error number; EEXIST when the name is taken. Where the file system cannot rename without
// replacing, the file has both names for a moment.
int rename_to_free(const char* from, const char* to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (link(from, to) != 0 || unlink(from) != 0) return errno;
  return 0;
}

bool is_one_file(const char* first, const char* second) {
  struct stat one {};
  struct stat other {};
  return lstat(first, &one) == 0 && lstat(second, &other) == 0 && one.st_ino == other.st_ino &&
         one.st_dev == other.st_dev;
}

}  // namespace

std::string numbered_name(const std::string& name, std::size_t number) {
  if (number < 2) return name;
  std::filesystem::path stem(name);
  std::string ending;
  const std::filesystem::path last = stem.extension();
  if (last == ".gz" || last == ".zst") {
    ending = last;
    stem = stem.stem();
  }
  ending = stem.extension().string() + ending;
  return fmt::format("{}-{}{}", stem.stem().string(), number, ending);
}

// Doubles the number until one is free, and looks for the first free one below. Names are given in
// order, so that this finds the end of them; where some were taken away it may find another gap.
std::size_t MoveTarget::free_number(const std::string& name) const {
  const auto is_taken = [&](std::size_t number) {
    struct stat facts {};
    return lstat((folder_ / numbered_name(name, number)).c_str(), &facts) == 0;
  };
  std::size_t taken = 1;
  std::size_t free = 2;
  while (is_taken(free)) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const std::size_t middle = taken + (free - taken) / 2;
    (is_taken(middle) ? taken : free) = middle;
  }
  return free;
}

Result<void> MoveTarget::move(const std::filesystem::path& file) {
  const std::string name = file.filename();
  const auto known = next_.find(name);
  for (std::size_t number = known == next_.end() ? 1 : known->second;;) {
    const std::filesystem::path to = folder_ / numbered_name(name, number);
    const int error_number = rename_to_free(file.c_str(), to.c_str());
    if (error_number == 0) {
      if (next_.size() >= kMostNames) next_.clear();
      if (number > 1) next_[name] = number + 1;
      return {};
    }
    if (error_number == EEXIST) {
      // Renamed by two names before, of which one is left.
      if (is_one_file(file.c_str(), to.c_str())) return delete_file(file);
      const std::size_t free = free_number(name);
      const std::filesystem::path last = folder_ / numbered_name(name, free - 1);
      if (is_one_file(file.c_str(), last.c_str())) return delete_file(file);
      number = free;
      continue;
    }
    struct stat facts {};
    if (is_missing(error_number) && lstat(file.c_str(), &facts) != 0 && is_missing(errno))
      return {};
    return file_error(file.string(), "move to " + folder_.string(), error_number,
                      "let this user write in both folders, on one file system");
  }
}

Result<void> delete_file(const std::filesystem::path& file) {
  if (unlink(file.c_str()) == 0 || is_missing(errno)) return {};
  return file_error(file.string(), "delete", errno, "let this user write in its folder");
}

}  // namespace docmill

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

Result<void> move_file(const std::filesystem::path& file, const std::filesystem::path& folder) {
  for (std::size_t number = 1;; ++number) {
    const std::filesystem::path to = folder / numbered_name(file.filename(), number);
    const int error_number = rename_to_free(file.c_str(), to.c_str());
    if (error_number == 0) return {};
    if (error_number == EEXIST) {
      // Renamed by two names before, of which one is left.
      if (is_one_file(file.c_str(), to.c_str())) return delete_file(file);
      continue;
    }
    struct stat facts {};
    if (is_missing(error_number) && lstat(file.c_str(), &facts) != 0 && is_missing(errno))
      return {};
    return file_error(file.string(), "move to " + folder.string(), error_number,
                      "let this user write in both folders, on one file system");
  }
}

Result<void> delete_file(const std::filesystem::path& file) {
  if (unlink(file.c_str()) == 0 || is_missing(errno)) return {};
  return file_error(file.string(), "delete", errno, "let this user write in its folder");
}

}  // namespace docmill

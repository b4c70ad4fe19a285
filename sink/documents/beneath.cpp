#include "sink/documents/beneath.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

constexpr std::size_t kLongestName = 255;  // bytes
constexpr int kOtherNames = 100;           // all of them taken by files: nobody's accident

DiskFile open_one(const DiskFile& above, const std::string& name) {
  return {above.disk(), above.disk().open_beneath(above.number(), name)};
}

Error not_opened(const std::string& path, int error_number) {
  if (error_number == ELOOP) {
    return config_error(fmt::format(
        "{}: expected a folder, found a symbolic link, which is not followed; remove it", path));
  }
  return file_error(path, "open folder", error_number,
                    "let this user write there, or name another folder");
}

// Opens the folder, and makes it where it is missing. Not open: errno says why.
DiskFile open_or_make(const DiskFile& above, const std::string& name) {
  DiskFile folder = open_one(above, name);
  if (folder.open() || errno != ENOENT) return folder;
  if (above.disk().make_folder(above.number(), name, 0777) != 0 && errno != EEXIST) return folder;
  return open_one(above, name);
}

// The name of a folder whose own name a file has.
std::string other_name(const std::string& name, int number) {
  const std::string end = fmt::format("~{}", number);
  return name.substr(0, kLongestName - end.size()) + end;
}

}  // namespace

Result<DiskFile> open_beneath(const DiskFile& root, const std::string& shown,
                              std::string_view relative) {
  DiskFile folder = open_one(root, ".");
  if (!folder.open()) return not_opened(shown, errno);
  std::string path = shown;
  while (!relative.empty()) {
    const std::size_t end = std::min(relative.find('/'), relative.size());
    const std::string name(relative.substr(0, end));
    relative.remove_prefix(std::min(end + 1, relative.size()));
    DiskFile next = open_or_make(folder, name);
    for (int other = 1; !next.open() && errno == ENOTDIR && other <= kOtherNames; ++other) {
      next = open_or_make(folder, other_name(name, other));
    }
    const int error_number = errno;
    path += '/' + name;
    if (!next.open()) return not_opened(path, error_number);
    folder = std::move(next);
  }
  return folder;
}

}  // namespace docmill

#include "sink/documents/beneath.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "shared/store/file_descriptor.h"

namespace docmill {
namespace {

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
    path += '/' + name;
    DiskFile next = open_one(folder, name);
    if (!next.open() && errno == ENOENT) {
      if (root.disk().make_folder(folder.number(), name, 0777) != 0 && errno != EEXIST) {
        return file_error(path, "create folder", errno,
                          "let this user write there, or name another folder");
      }
      next = open_one(folder, name);
    }
    if (!next.open()) return not_opened(path, errno);
    folder = std::move(next);
  }
  return folder;
}

}  // namespace docmill

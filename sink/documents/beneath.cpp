#include "sink/documents/beneath.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace docmill {
namespace {

FileDescriptor open_one(int above, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // The C library has no function for it.
  return FileDescriptor(
      static_cast<int>(syscall(SYS_openat2, above, name.c_str(), &how, sizeof how)));
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

Result<FileDescriptor> open_beneath(const FileDescriptor& root, const std::string& shown,
                                    std::string_view relative) {
  FileDescriptor folder = open_one(root.number(), ".");
  if (!folder.open()) return not_opened(shown, errno);
  std::string path = shown;
  while (!relative.empty()) {
    const std::size_t end = std::min(relative.find('/'), relative.size());
    const std::string name(relative.substr(0, end));
    relative.remove_prefix(std::min(end + 1, relative.size()));
    path += '/' + name;
    FileDescriptor next = open_one(folder.number(), name);
    if (!next.open() && errno == ENOENT) {
      if (mkdirat(folder.number(), name.c_str(), 0777) != 0 && errno != EEXIST) {
        return file_error(path, "create folder", errno,
                          "let this user write there, or name another folder");
      }
      next = open_one(folder.number(), name);
    }
    if (!next.open()) return not_opened(path, errno);
    folder = std::move(next);
  }
  return folder;
}

}  // namespace docmill

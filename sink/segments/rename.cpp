#include "sink/segments/rename.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {

Result<void> rename_new(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) {
      return corrupt(
          fmt::format("{}: a file that this sink's ledger does not know; move it away, and what is "
                      "in {} takes the name",
                      to, from));
    }
    const int error_number = errno;
    // Renamed by a call that then could not sync the folder.
    const bool renamed = error_number == ENOENT && access(to.c_str(), F_OK) == 0;
    if (!renamed) {
      return file_error(from, "rename", error_number, "let this user write in its folder");
    }
  }
  return sync_folder(folder_of(to));
}

}  // namespace docmill

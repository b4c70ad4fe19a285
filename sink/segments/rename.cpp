#include "sink/segments/rename.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {

Result<void> rename_new(Disk& disk, const std::string& from, const std::string& to) {
  if (disk.rename_new(Disk::kHere, from, Disk::kHere, to) != 0) {
    if (errno == EEXIST) {
      return corrupt(
          fmt::format("{}: a file that this sink's ledger does not know; move it away, and what is "
                      "in {} takes the name",
                      to, from));
    }
    const int error_number = errno;
    // Renamed by a call that then could not sync the folder.
    const bool renamed = error_number == ENOENT && is_there(disk, to);
    if (!renamed) {
      return file_error(from, "rename", error_number, "let this user write in its folder");
    }
  }
  return sync_folder(disk, folder_of(to));
}

}  // namespace docmill

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
    return file_error(from, "rename", errno, "let this user write in its folder");
  }
  return sync_folder(disk, folder_of(to));
}

}  // namespace docmill

#include "sink/segments/rename.h"

#include <fmt/format.h>

#include <cerrno>

#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"

namespace docmill {

Result<bool> rename_new(Disk& disk, const std::string& from, const std::string& to) {
  if (disk.rename_new(Disk::kHere, from, Disk::kHere, to) != 0) {
    const int error_number = errno;
    if (error_number == EEXIST) return false;
    // Renamed by a call that then could not sync the folder.
    const bool renamed = error_number == ENOENT && is_there(disk, to);
    if (error_number == ENOENT && !renamed) {
      return corrupt(fmt::format(
          "{}: expected the file that has ended, to name it {}, got no file; leave files "
          "alone until they have their final names",
          from, to));
    }
    if (!renamed) {
      return file_error(from, "rename", error_number, "let this user write in its folder");
    }
  }
  if (auto synced = sync_folder(disk, folder_of(to)); !synced) return synced.error();
  return true;
}

}  // namespace docmill

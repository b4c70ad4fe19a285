#include "shared/store/source_request.h"

#include <cerrno>
#include <string>

#include "shared/store/disk_reserve.h"
#include "shared/store/file_descriptor.h"
#include "shared/store/folder.h"
#include "shared/store/whole_file.h"

namespace docmill {
namespace {

constexpr const char* kName = "forget-source";

}  // namespace

Result<void> put_source_request(Disk& disk, const std::filesystem::path& folder) {
  return DiskReserve(disk, folder).with_room([&] {
    return write_whole(disk, folder / kName, "forget-source 1\n");
  });
}

bool has_source_request(Disk& disk, const std::filesystem::path& folder) {
  return is_there(disk, folder / kName);
}

Result<void> remove_source_request(Disk& disk, const std::filesystem::path& folder) {
  if (!has_source_request(disk, folder)) return {};
  const std::string path = folder / kName;
  if (disk.remove(Disk::kHere, path) != 0) {
    return file_error(path, "remove", errno, "let this user write in the state folder");
  }
  return sync_folder(disk, folder);
}

}  // namespace docmill

#include "producer/follow/former_path.h"

#include <algorithm>

#include "producer/follow/known_lines.h"
#include "producer/follow/rotated_files.h"

namespace docmill {

Result<void> catch_up(FollowedPath& former, const Spool& spool, Disk& disk) {
  const auto files = rotated_files(disk, former.spelled.empty() ? former.path : former.spelled);
  if (!files && files.error().code != ErrorCode::kUnavailable) return {};
  if (!files) return files.error();
  for (FileTrace& trace : former.files) {
    const auto listed = std::find_if(files->begin(), files->end(), [&](const RotatedFile& one) {
      return one.identity.inode == trace.inode;
    });
    if (trace.left || trace.head_bytes == 0 || listed == files->end()) continue;
    const auto file = open_rotated(disk, *listed);
    if (!file && file.error().code != ErrorCode::kUnavailable) continue;
    if (!file) return file.error();
    const auto content = content_of(file->number(), trace);
    if (!content || *content != Content::kWhole) continue;
    trace.offset = known_until(file->number(), trace, spool);
  }
  return {};
}

}  // namespace docmill

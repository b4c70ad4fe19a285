// FormerPath: brings the saved position of a path that is not followed any more up to what the
// spool has of it.
//
// The position may lag behind the spool, whose keys tell what is in both. Keys are forgotten when
// enough other lines come, so this is done before the lines of the next path are read.
#pragma once

#include "producer/follow/follow_position.h"
#include "shared/base/result.h"
#include "shared/store/disk.h"
#include "shared/store/spool.h"

namespace docmill {

// Moves the offsets behind the last lines that the spool knows. Files that are gone or cannot be
// read stay as they are. kUnavailable: call it again.
Result<void> catch_up(FollowedPath& former, const Spool& spool, Disk& disk);

}  // namespace docmill

// SourceRequest: an operator's consent to give up what is left of a producer's former source. It
// waits in the producer's state folder until the producer starts.
//
// A file, durable before it counts, and removed when the producer has opened its source. One
// thread.
#pragma once

#include <filesystem>

#include "shared/base/result.h"
#include "shared/store/disk.h"

namespace docmill {

// folder: the producer's. Durable when it returns.
Result<void> put_source_request(Disk& disk, const std::filesystem::path& folder);
bool has_source_request(Disk& disk, const std::filesystem::path& folder);
// Nothing to do when there is none.
Result<void> remove_source_request(Disk& disk, const std::filesystem::path& folder);

}  // namespace docmill

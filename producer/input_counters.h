// InputCounters: what became of a producer's input files, beside what became of their documents.
#pragma once

#include <cstdint>

#include "shared/base/result.h"

namespace docmill {

// A value.
struct InputCounters {
  std::uint64_t failed_files = 0;  // could not be read completely, see FileCatalog::failed()
};

// How a producer ends that has read all it can read: a file with content that is in no output is an
// Error (kMalformed), so that nobody takes the end for success.
Result<void> unread_input(const InputCounters& counters);

}  // namespace docmill

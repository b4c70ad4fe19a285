// The process's limit of open files. Each connection is one, and libzmq aborts the process where it
// gets none for itself, or spins where it gets none for a connection that waits.
#pragma once

#include <cstdint>

#include "shared/base/result.h"

namespace docmill {

// Raises the soft limit to the hard one and returns it. Once, at the start of main().
std::uint64_t raise_file_limit();

// An unavailable Error when fewer than this many files can be opened right now.
Result<void> expect_free_files(std::uint32_t count);

}  // namespace docmill

// KnownLines: how many lines of a followed file an earlier run has put into the spool.
//
// The saved position may lag behind the spool, whose keys tell which lines are in both. Pure
// functions on files.
#pragma once

#include <cstdint>
#include <string>

#include "producer/follow/file_trace.h"
#include "shared/store/spool.h"

namespace docmill {

// How the keys of a file's lines begin; the end of the line in the file follows.
std::string key_prefix(const FileTrace& trace);

// The end of the last line that the spool knows, reading from the trace's offset without a gap; the
// offset itself when the spool knows none.
std::uint64_t known_until(int file, const FileTrace& trace, const Spool& spool);

}  // namespace docmill

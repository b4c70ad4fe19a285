// FileLeftover: what a file source leaves behind when its files or claims are gone and another kind
// of source follows. Reads only the rows of its catalog.
#pragma once

#include <string_view>

#include "producer/source_context.h"

namespace docmill {

// reader: as in FileSourceOptions. files: how many files the batches that may have been sent can
// have begun. kCorrupt: a position or row of something else.
Result<Leftover> file_leftover(std::string_view reader, const Leaving& leaving, std::uint64_t files,
                               const SourceContext& context);

}  // namespace docmill

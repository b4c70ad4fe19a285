// The files of a sink: their names with the sink's in them, opened at the length that the ledger
// knows.
#pragma once

#include <filesystem>

#include "shared/store/append_file.h"
#include "sink/output_context.h"

namespace docmill {

Result<AppendFile> open_sink_file(const std::filesystem::path& path, const OutputContext& context);

// Says in the log when the file has bytes that no commit has settled. open_sink_file() does that
// itself.
void report_uncommitted(const AppendFile& file, Log& log);

}  // namespace docmill

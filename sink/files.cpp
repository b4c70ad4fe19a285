#include "sink/files.h"

#include "shared/config/pipeline.h"
#include "sink/segments/segment_end.h"

namespace docmill {

Result<AppendFile> open_sink_file(const std::filesystem::path& path, const OutputContext& context) {
  const std::string expanded = expand(path, "sink", context.sink).string();
  // Of an output with other settings.
  if (auto finished = finish_segments_at(context.ledger, expanded, context.log); !finished) {
    return finished.error();
  }
  auto file = context.ledger.open_file(expanded);
  if (file) report_uncommitted(*file, context.log);
  return file;
}

void report_uncommitted(const AppendFile& file, Log& log) {
  if (file.uncommitted() == 0) return;
  log.info(
      "{}: {} bytes were not committed; they are cut off before the next document, and written "
      "again",
      file.path(), file.uncommitted());
}

}  // namespace docmill

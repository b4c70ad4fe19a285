#include "sink/files.h"

#include "shared/config/pipeline.h"

namespace docmill {

Result<AppendFile> open_sink_file(const std::filesystem::path& path, const OutputContext& context) {
  auto file = context.ledger.open_file(expand(path, "sink", context.sink).string());
  if (file) report_cut(*file, context.log);
  return file;
}

void report_cut(const AppendFile& file, Log& log) {
  if (file.cut() == 0) return;
  log.info("{}: cut back by {} bytes that were not committed; they are written again", file.path(),
           file.cut());
}

}  // namespace docmill

#include "sink/files.h"

#include "shared/config/pipeline.h"

namespace docmill {

Result<AppendFile> open_sink_file(const std::filesystem::path& path, const OutputContext& context) {
  auto file = context.ledger.open_file(expand(path, "sink", context.sink).string());
  if (file && file->cut() > 0) {
    context.log.info("{}: cut back by {} bytes that were not committed; they are written again",
                     file->path(), file->cut());
  }
  return file;
}

}  // namespace docmill

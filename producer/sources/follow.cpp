// `follow`: the lines of a file that grows, through its rotation.
#include "producer/follow/follow_inlet.h"
#include "producer/sources/sources.h"
#include "producer/spooled/spooled_source.h"
#include "shared/config/schema.h"

namespace docmill {
namespace {

using namespace literals;

struct FollowConfig {
  std::filesystem::path path;
  FormatChoice format = FormatChoice::kAuto;
  Bytes spool = 1_GiB;
};

Schema<FollowConfig> schema() {
  return Schema<FollowConfig>(
             "follow",
             "Read the lines of a file that grows, from its beginning and without an end, each "
             "once. When it is renamed and another one is made in its place, it is read to its "
             "end. When it is copied and cut (copytruncate), its copy is read to its end, and then "
             "the file from its beginning; without a copy, what was written between the last look "
             "and the cut is lost.")
      .field("path", &FollowConfig::path,
             "The file; it may come later. {producer} stands for the name of the producer.",
             required, example("/var/log/app/events.ndjson"))
      .field("format", &FollowConfig::format, "What a line is; auto looks at its first character.")
      .field("spool", &FollowConfig::spool, "Most that waits on disk to be settled.",
             at_least(1_MiB))
      .shorthand("path");
}

Result<std::unique_ptr<Source>> open(const std::any& settings, const SourceContext& context) {
  const auto& config = std::any_cast<const FollowConfig&>(settings);
  auto inlet = FollowInlet::open({.path = expand(config.path, "producer", context.producer),
                                  .format = config.format,
                                  .limit = context.limits.document},
                                 context);
  if (!inlet) return inlet.error();
  return SpooledSource::open(std::move(*inlet), config.spool, context);
}

}  // namespace

SourceComponent follow_source() { return {schema(), open, spooled_kind}; }

}  // namespace docmill

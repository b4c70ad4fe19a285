// SegmentSettings: the settings that outputs which write segments have in common.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/units.h"
#include "shared/config/schema.h"
#include "sink/segments/segment_names.h"

namespace docmill {

struct RotateConfig {
  Bytes size{256 << 20};
  Duration every = Duration::zero();  // zero: never
};

struct SegmentSettings {
  std::filesystem::path path;
  std::optional<RotateConfig> rotate;
  Packing compress = Packing::kNone;
};

// For OutputComponent::files.
inline std::vector<std::string> segment_patterns(const SegmentSettings& settings) {
  return SegmentNames(settings.path.string(), settings.rotate.has_value(), settings.compress)
      .patterns();
}

// Adds their fields to the schema of a config that derives from them.
template <typename Config>
Schema<Config> with_segments(Schema<Config> schema, std::string path_meaning, std::string sample) {
  return std::move(schema)
      .field("path", static_cast<std::filesystem::path Config::*>(&Config::path),
             std::move(path_meaning), required, example(std::move(sample)))
      .nested("rotate", static_cast<std::optional<RotateConfig> Config::*>(&Config::rotate),
              Schema<RotateConfig>("rotate",
                                   "Ends a file and begins the next one; all are numbered: "
                                   "books-000001.json. Without it a file ends when the sink stops.")
                  .field("size", &RotateConfig::size,
                         "Size at which a file ends, with the group that reaches it (up to 16 MiB "
                         "of documents).",
                         at_least(Bytes{1024}))
                  .field("every", &RotateConfig::every,
                         "Age at which a file ends, from its first document in this life of the "
                         "sink; 0s is never."))
      .field("compress", static_cast<Packing Config::*>(&Config::compress),
             "Compresses each group by itself, so that what is committed can be read.");
}

}  // namespace docmill

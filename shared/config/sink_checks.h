// What of a pipeline file's sink does not fit together: its partition, its routes.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/config/spot.h"

namespace docmill {

void check_partition(const PipelineConfig& config, const YamlNode& root, const Place& place);
void check_routes(const PipelineConfig& config, const YamlNode& root, const Place& place);

}  // namespace docmill

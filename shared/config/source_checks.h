// What a pipeline file says about a source that takes in what others send: who may reach it, and
// that no two producers want the same pipe or address.
#pragma once

#include "shared/config/pipeline.h"

namespace docmill {

// Reports each finding. root: of the whole file.
void check_source(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                  const Place& place);

}  // namespace docmill

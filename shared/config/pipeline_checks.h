// What one field cannot know: that the parts of a pipeline file fit together.
#pragma once

#include "shared/config/findings.h"
#include "shared/config/pipeline.h"
#include "shared/config/yaml_node.h"

namespace docmill {

// config: what was read from root, its network complete. Where a field was already refused, its
// default is in config, so that nothing is reported twice.
void check_pipeline(const PipelineConfig& config, const YamlNode& root, const ComponentSets& sets,
                    const Counts& counts, const Place& place);

}  // namespace docmill

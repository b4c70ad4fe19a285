// The declaration of the pipeline file.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/config/schema.h"

namespace docmill {

// The sets must outlive the schema.
Schema<PipelineConfig> pipeline_schema(const ComponentSets& sets);

}  // namespace docmill

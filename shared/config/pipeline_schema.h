// The declaration of the pipeline file.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/config/schema.h"

namespace docmill {

// The sets must outlive the schema. raw: of a file with raw links at both ends of its transformer,
// which needs no producer and no sink.
Schema<PipelineConfig> pipeline_schema(const ComponentSets& sets, bool raw = false);

}  // namespace docmill

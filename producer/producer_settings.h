// What the pipeline file decides for a producer: the plan of its batches, and the limits of its
// core.
#pragma once

#include "shared/config/pipeline.h"
#include "shared/protocol/producer_core.h"
#include "shared/runtime/processor_definition.h"

namespace docmill {

Plan plan_of(const PipelineConfig& config, const ProcessorDefinition& definition);
ProducerSettings settings_of(const PipelineConfig& config);

}  // namespace docmill

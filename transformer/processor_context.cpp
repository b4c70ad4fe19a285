#include "transformer/processor_context.h"

#include "shared/runtime/links.h"

namespace docmill {

ProcessorContext processor_context(const PipelineConfig& config, Log& log) {
  ProcessorContext context;
  context.log = &log;
  context.limits.document = config.limits.document;
  context.limits.depth = config.limits.depth;
  context.largest_payload = largest_payload(config.limits);
  return context;
}

}  // namespace docmill

#include "transformer/processor_context.h"

#include "shared/runtime/links.h"
#include "shared/runtime/read_options.h"

namespace docmill {

ProcessorContext processor_context(const PipelineConfig& config, Log& log) {
  ProcessorContext context;
  context.log = &log;
  context.xml = read_options(config.limits, config.xml);
  context.largest_payload = largest_payload(config.limits);
  return context;
}

}  // namespace docmill

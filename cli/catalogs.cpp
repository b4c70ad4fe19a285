#include "cli/catalogs.h"

#include <algorithm>

#include "producer/source_context.h"
#include "shared/config/routed_output.h"
#include "sink/output_context.h"
#include "transformer/processor_context.h"

namespace docmill {

Catalogs::Catalogs()
    : sources_(component_set("source", source_components())),
      processors_(processor_set()),
      outputs_(component_set("output", output_components())) {}

std::optional<std::uint64_t> total_documents(const PipelineConfig& config) {
  const Component& chosen = config.producer.source;
  const std::vector<SourceComponent> catalog = source_components();
  const SourceComponent* source = find_listed(catalog, chosen.key);
  if (source == nullptr || !source->total) return std::nullopt;
  const auto each = source->total(chosen.config);
  if (!each) return std::nullopt;
  return *each * config.network.producers.size();
}

bool spills_documents(const PipelineConfig& config) {
  const std::vector<OutputComponent> catalog = output_components();
  const auto& outputs = config.sink.outputs;
  return std::any_of(outputs.begin(), outputs.end(), [&](const Component& chosen) {
    const OutputComponent* output = find_listed(catalog, chosen.key);
    return output != nullptr && output->spills_for &&
           !output->spills_for(std::any_cast<const RoutedOutput&>(chosen.config).own).empty();
  });
}

}  // namespace docmill

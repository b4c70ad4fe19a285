#include "cli/catalogs.h"

#include "producer/source_context.h"
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

}  // namespace docmill

#include "cli/catalogs.h"

#include "producer/source_context.h"
#include "sink/output_context.h"
#include "transformer/processor_context.h"

namespace docmill {
namespace {

template <typename Listed>
ComponentSet set_of(const char* what, std::vector<Listed> listed) {
  std::vector<AnySchema> schemas;
  for (Listed& component : listed) schemas.push_back(std::move(component.schema));
  return ComponentSet(what, std::move(schemas));
}

}  // namespace

Catalogs::Catalogs()
    : sources_(set_of("source", source_components())),
      processors_(processor_set()),
      outputs_(set_of("output", output_components())) {}

std::optional<std::uint64_t> total_documents(const PipelineConfig& config) {
  const Component& chosen = config.producer.source;
  for (const SourceComponent& source : source_components()) {
    if (source.schema.key() != chosen.key || !source.total) continue;
    const auto each = source.total(chosen.config);
    if (each) return *each * config.network.producers.size();
  }
  return std::nullopt;
}

}  // namespace docmill

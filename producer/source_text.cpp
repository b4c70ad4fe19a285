#include "producer/source_text.h"

#include <fmt/format.h>

#include "producer/files/number_text.h"
#include "shared/base/check.h"

namespace docmill {

// "DOCUMENT DEPTH PARSER DTD COMPONENT", numbers and the component's canonical text.
std::string source_text(const PipelineConfig& config) {
  return fmt::format("{} {} {} {} {}", config.limits.document.count, config.limits.depth,
                     static_cast<int>(config.xml.parser), static_cast<int>(config.xml.dtd),
                     config.producer.source.canonical);
}

Result<SourceSettings> parse_source_text(std::string_view text, const ComponentSet& sources) {
  SourceSettings settings;
  std::string_view left = text;
  int parser = 0;
  int dtd = 0;
  if (!take_number(left, settings.limits.document.count) ||
      !take_number(left, settings.limits.depth) || !take_number(left, parser) ||
      !take_number(left, dtd)) {
    return config_error(fmt::format("expected the settings of a source, found '{}'", text));
  }
  settings.xml = {static_cast<XmlParser>(parser), static_cast<XmlDtd>(dtd)};
  auto source = parse_component(left, sources);
  if (!source) return source.error();
  settings.source = std::move(*source);
  return settings;
}

void apply(const SourceSettings& settings, SourceContext& context) {
  context.limits.document = settings.limits.document;
  context.limits.depth = settings.limits.depth;
  context.xml = settings.xml;
}

Result<std::string> kind_of_source(const std::string& text, const std::string& producer,
                                   const std::vector<SourceComponent>& components) {
  const auto settings = parse_source_text(text, component_set("source", components));
  if (!settings) return settings.error();
  const SourceComponent* component = find_listed(components, settings->source.key);
  DOCMILL_CHECK(component != nullptr, "no source is called {}", settings->source.key);
  return component->kind(settings->source.config, producer);
}

}  // namespace docmill

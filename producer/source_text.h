// The source of a plan as a text: the component as the pipeline file has it, and the limits and
// the treatment of XML that decide what it makes of its inputs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "producer/source_context.h"
#include "shared/base/result.h"
#include "shared/config/pipeline.h"

namespace docmill {

struct SourceSettings {
  Component source;
  LimitsConfig limits;  // document and depth
  XmlConfig xml;
};

// The component's ${env:...} and ${file:...} stay as they are written: they may be secrets.
std::string source_text(const PipelineConfig& config);
// Failure: kConfig.
Result<SourceSettings> parse_source_text(std::string_view text, const ComponentSet& sources);
// The limits and the way of reading XML of such a text.
void apply(const SourceSettings& settings, SourceContext& context);
// The kind of the source in such a text; see SourceComponent. Failure: kConfig.
Result<std::string> kind_of_source(const std::string& text, const std::string& producer,
                                   const std::vector<SourceComponent>& components);

}  // namespace docmill

#include "transformer/document_condition.h"

#include <algorithm>

namespace docmill {

Schema<ConditionConfig> condition_schema(std::string key, std::string summary) {
  return Schema<ConditionConfig>(std::move(key), std::move(summary))
      .field("path", &ConditionConfig::path,
             "For XML an XPath 1.0 from the root element: nodes that it finds, or true, or a text "
             "or number that is not empty or 0; for JSON a JSON Pointer of what has to be there.",
             required, example("price[. > 10]"))
      .field("value", &ConditionConfig::value,
             "Something that the path finds has to have this text; numbers of JSON are compared as "
             "they are written.",
             example("draft"))
      .field("namespaces", &ConditionConfig::namespaces, kNamespacesMeaning,
             example("{ o: 'urn:orders' }"))
      .shorthand("path")
      .consistent([](const ConditionConfig& config) {
        return path_problem<XmlPath>(config.path, config.namespaces);
      });
}

Result<DocumentCondition> DocumentCondition::make(const ConditionConfig& config,
                                                  const ProcessorContext& context) {
  auto path = DocumentPath<XmlPath>::compile(config.path, config.namespaces);
  if (!path) return path.error();
  return DocumentCondition(std::move(*path), config.value, context);
}

Result<bool> DocumentCondition::holds(const DocumentView& document) {
  if (auto loaded = document_.load(document); !loaded) return loaded.error();
  if (!value_) return document_.holds(path_);
  auto texts = document_.texts(path_);
  if (!texts) return texts.error();
  return std::find(texts->begin(), texts->end(), *value_) != texts->end();
}

}  // namespace docmill

#include "transformer/document_condition.h"

#include <algorithm>

namespace docmill {
namespace {

std::optional<std::string> problem(const ConditionConfig& config) {
  if (config.path) return path_problem<XmlPath>(*config.path, config.namespaces);
  if (config.value) return "value: only beside 'path'; a program of jq compares by itself";
  if (!config.namespaces.empty()) return "namespaces: only beside 'path'; JSON has none";
  return std::nullopt;
}

}  // namespace

Schema<ConditionConfig> condition_schema(std::string key, std::string summary) {
  return Schema<ConditionConfig>(std::move(key), std::move(summary))
      .field("path", &ConditionConfig::path,
             "For XML an XPath 1.0 from the root element: nodes that it finds, or true, or a text "
             "or number that is not empty or 0; for JSON a JSON Pointer of what has to be there.",
             example("price[. > 10]"))
      .field("jq", &ConditionConfig::jq,
             "In place of `path`, for JSON: a program of jq 1.6, of which one result has to be "
             "neither false nor null. See the processor jq for what a program may do; that it "
             "compares numbers as doubles is not noted here.",
             example(".price > 10 and .stock != 0"), check(jq_problem))
      .field("value", &ConditionConfig::value,
             "Something that the path finds has to have this text; numbers of JSON are compared as "
             "they are written.",
             example("draft"))
      .field("namespaces", &ConditionConfig::namespaces, kNamespacesMeaning,
             example("{ o: 'urn:orders' }"))
      .shorthand("path")
      .exactly_one({"path", "jq"})
      .consistent(problem);
}

Result<DocumentCondition> DocumentCondition::make(const ConditionConfig& config,
                                                  const ProcessorContext& context) {
  DocumentCondition condition(config.value, context);
  if (config.jq) {
    auto program = JqProgram::compile(*config.jq, jq_limits(context));
    if (!program) return program.error();
    condition.jq_ = std::move(*program);
  } else {
    auto path = DocumentPath<XmlPath>::compile(*config.path, config.namespaces);
    if (!path) return path.error();
    condition.path_ = std::move(*path);
  }
  return condition;
}

Result<bool> DocumentCondition::holds(const DocumentView& document) {
  if (jq_) {
    auto tape = jq_document_.read(document);
    return tape ? jq_->holds(**tape) : tape.error();
  }
  if (auto loaded = document_.load(document); !loaded) return loaded.error();
  if (!value_) return document_.holds(*path_);
  auto texts = document_.texts(*path_);
  if (!texts) return texts.error();
  return std::find(texts->begin(), texts->end(), *value_) != texts->end();
}

}  // namespace docmill

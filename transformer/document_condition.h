// DocumentCondition: what `keep` and `drop` ask of a document: whether a path finds something, or
// one of the texts it finds is a given one.
//
// Not for several threads.
#pragma once

#include <optional>
#include <string>

#include "shared/config/schema.h"
#include "transformer/open_document.h"

namespace docmill {

struct ConditionConfig {
  std::string path;
  std::optional<std::string> value;
  PathNamespaces namespaces;
};

// `keep`, `drop`.
Schema<ConditionConfig> condition_schema(std::string key, std::string summary);

class DocumentCondition {
 public:
  // Failure: kConfig.
  static Result<DocumentCondition> make(const ConditionConfig& config,
                                        const ProcessorContext& context);

  // Failure: kMalformed.
  Result<bool> holds(const DocumentView& document);

 private:
  DocumentCondition(DocumentPath<XmlPath> path, std::optional<std::string> value,
                    const ProcessorContext& context)
      : path_(std::move(path)), value_(std::move(value)), document_(context) {}

  DocumentPath<XmlPath> path_;
  std::optional<std::string> value_;
  OpenDocument document_;
};

}  // namespace docmill

// DocumentCondition: what `keep` and `drop` ask of a document: whether a path finds something, or
// one of the texts it finds is a given one; or whether a program of jq says so.
//
// Not for several threads.
#pragma once

#include <optional>
#include <string>

#include "shared/config/schema.h"
#include "transformer/jq_document.h"
#include "transformer/open_document.h"

namespace docmill {

struct ConditionConfig {
  std::optional<std::string> path;
  std::optional<std::string> jq;
  std::optional<std::string> value;
  PathNamespaces namespaces;
};

Schema<ConditionConfig> condition_schema(std::string key, std::string summary);

class DocumentCondition {
 public:
  // Failure: kConfig.
  static Result<DocumentCondition> make(const ConditionConfig& config,
                                        const ProcessorContext& context);

  // Failure: kMalformed.
  Result<bool> holds(const DocumentView& document);

 private:
  DocumentCondition(std::optional<std::string> value, const ProcessorContext& context)
      : value_(std::move(value)), document_(context), jq_document_(context) {}

  // One of the two is there.
  std::optional<DocumentPath<XmlPath>> path_;
  std::optional<JqProgram> jq_;
  std::optional<std::string> value_;
  OpenDocument document_;
  JqDocument jq_document_;
};

}  // namespace docmill

// JqDocument: the document at hand, for a program of jq; and what processors with such a program
// have in common.
//
// Keeps its memory from document to document. Not for several threads.
#pragma once

#include <optional>
#include <string>

#include "shared/document/jq_program.h"
#include "shared/document/json_scanner.h"
#include "transformer/processor_context.h"

namespace docmill {

class JqDocument {
 public:
  explicit JqDocument(const ProcessorContext& context)
      : scanner_({.limits = json_limits(context.xml.limits)}) {}

  // The tape is valid until the next call, and as long as the bytes are. Failure: kMalformed.
  Result<const JsonTape*> read(const DocumentView& document) {
    if (document.format != Format::kJson) {
      return malformed("the document is not JSON, and jq reads nothing else; put to_json before");
    }
    if (auto scanned = scanner_.scan(document.bytes, tape_); !scanned) return scanned.error();
    return &tape_;
  }

 private:
  JsonScanner scanner_;
  JsonTape tape_;
};

// The limits of a program that follow from those of a pipeline.
inline JqLimits jq_limits(const ProcessorContext& context) {
  JqLimits limits;
  limits.result = context.xml.limits.document;
  limits.total = context.largest_payload;
  limits.depth = context.xml.limits.depth;
  return limits;
}

// For the `check` of a declaration: what is wrong with a program.
inline std::optional<std::string> jq_problem(const std::string& program) {
  auto compiled = JqProgram::compile(program);
  return compiled ? std::nullopt : std::optional(compiled.error().text);
}

}  // namespace docmill

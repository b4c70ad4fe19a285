#include "transformer/processors/drop.h"

#include "transformer/document_condition.h"

namespace docmill {
namespace {

class Drop final : public Processor {
 public:
  explicit Drop(DocumentCondition condition) : condition_(std::move(condition)) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    const auto holds = condition_.holds(document);
    if (!holds) return holds.error();
    if (*holds) return {};
    emitter.begin(document.format) += document.bytes;
    emitter.end();
    return {};
  }

 private:
  DocumentCondition condition_;
};

Result<std::unique_ptr<Processor>> make(const std::any& settings, const ProcessorContext& context) {
  auto condition =
      DocumentCondition::make(std::any_cast<const ConditionConfig&>(settings), context);
  if (!condition) return condition.error();
  return std::unique_ptr<Processor>(std::make_unique<Drop>(std::move(*condition)));
}

}  // namespace

ProcessorComponent drop_processor() {
  return {
      condition_schema(
          "drop",
          "Filters the documents in which the path finds something; the others pass as they are."),
      make};
}

}  // namespace docmill

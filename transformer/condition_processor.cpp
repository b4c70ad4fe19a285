#include "transformer/condition_processor.h"

#include <utility>

#include "transformer/document_condition.h"

namespace docmill {
namespace {

class ConditionProcessor final : public Processor {
 public:
  ConditionProcessor(DocumentCondition condition, bool passes)
      : condition_(std::move(condition)), passes_(passes) {}

  Result<void> process(const DocumentView& document, Emitter& emitter) override {
    const auto holds = condition_.holds(document);
    if (!holds) return holds.error();
    if (*holds != passes_) return {};
    emitter.begin(document.format) += document.bytes;
    emitter.end();
    return {};
  }

 private:
  DocumentCondition condition_;
  bool passes_;
};

}  // namespace

ProcessorComponent condition_processor(std::string key, std::string summary, bool passes) {
  const auto make = [passes](
                        const std::any& settings,
                        const ProcessorContext& context) -> Result<std::unique_ptr<Processor>> {
    auto condition =
        DocumentCondition::make(std::any_cast<const ConditionConfig&>(settings), context);
    if (!condition) return condition.error();
    return std::unique_ptr<Processor>(
        std::make_unique<ConditionProcessor>(std::move(*condition), passes));
  };
  return {condition_schema(std::move(key), std::move(summary)), make};
}

}  // namespace docmill

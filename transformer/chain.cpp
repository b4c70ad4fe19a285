#include "transformer/chain.h"

#include <fmt/format.h>

#include "shared/base/check.h"

namespace docmill {

// Where the step emits to: the next step's scratch, or the payload behind the last step.
class Chain::StepEmitter final : public Emitter {
 public:
  StepEmitter(Chain& chain, std::size_t step) : chain_(chain), step_(step) {}

  std::string& begin(Format format) override {
    format_ = format;
    if (last()) {
      return chain_.payload_->begin_document(chain_.index_, format, chain_.origin_);
    }
    chain_.steps_[step_ + 1].scratch.clear();
    return chain_.steps_[step_ + 1].scratch;
  }

  void end() override {
    if (!last()) {
      chain_.run(step_ + 1, {format_, chain_.steps_[step_ + 1].scratch, chain_.origin_});
      return;
    }
    chain_.payload_->end_document();
    ++chain_.emitted_;
    if (chain_.payload_->size() > chain_.largest_.count && !chain_.failure_) {
      chain_.failure_ =
          fmt::format("transformer: its outputs and those before it in the batch take more than {}",
                      to_string(chain_.largest_));
    }
  }

 private:
  bool last() const { return step_ + 1 == chain_.steps_.size(); }

  Chain& chain_;
  std::size_t step_;
  Format format_ = Format::kBytes;
};

Result<Chain> Chain::make(const std::vector<Component>& components,
                          const ProcessorContext& context) {
  Chain chain(context.largest_payload);
  const std::vector<ProcessorComponent> catalog = processor_components();
  for (const Component& chosen : components) {
    const ProcessorComponent* component = find_listed(catalog, chosen.key);
    DOCMILL_CHECK(component != nullptr, "no processor is called {}", chosen.key);
    auto processor = component->make(chosen.config, context);
    if (!processor) return processor.error();
    chain.steps_.push_back({chosen.key, std::move(*processor), {}});
  }
  return chain;
}

void Chain::process(std::uint32_t index, const DocumentView& document, PayloadWriter& payload) {
  if (steps_.empty()) return payload.document(index, document);
  index_ = index;
  origin_ = document.origin;
  payload_ = &payload;
  emitted_ = 0;
  failure_.reset();
  const PayloadWriter::Mark before = payload.mark();
  run(0, document);
  if (failure_) {
    payload.rewind(before);
    payload.dead(index, document, *failure_);
  } else if (emitted_ == 0) {
    payload.filtered(index);
  }
}

void Chain::run(std::size_t step, const DocumentView& document) {
  if (failure_) return;
  StepEmitter emitter(*this, step);
  auto done = steps_[step].processor->process(document, emitter);
  if (!done && !failure_)
    failure_ = fmt::format("transformer.{}: {}", steps_[step].name, done.error().text);
}

}  // namespace docmill

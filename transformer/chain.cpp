#include "transformer/chain.h"

#include <fmt/format.h>

#include <algorithm>

#include "shared/base/check.h"
#include "shared/document/notes.h"
#include "shared/document/utf8.h"
#include "shared/runtime/links.h"
#include "shared/runtime/read_options.h"

namespace docmill {
namespace {

// Of a dead letter: what the inputs of a batch and their reasons take must fit into a message.
constexpr std::size_t kLongestReason = 1024;

std::string too_large(Bytes largest) {
  return fmt::format("transformer: its outputs and those before it in the batch take more than {}",
                     to_string(largest));
}

}  // namespace

// Where the step emits to: the next step's scratch, or the payload behind the last step.
class Chain::StepEmitter final : public Emitter {
 public:
  StepEmitter(Chain& chain, std::size_t step, std::string_view notes)
      : chain_(chain),
        step_(step),
        inherited_(notes),
        lossy_(!notes.empty() && find_note(notes, kLossNote)) {}

  std::string& begin(Format format) override {
    format_ = format;
    begun_ = true;
    notes_ = inherited_;
    if (last()) {
      return chain_.payload_->begin_document(chain_.index_, format, chain_.origin_);
    }
    chain_.steps_[step_ + 1].scratch.clear();
    return chain_.steps_[step_ + 1].scratch;
  }

  void note(std::string_view name, std::string_view value) override {
    set_note(begun_ ? notes_ : inherited_, name, value);
    if (name == kLossNote) lossy_ = true;
  }

  void end() override {
    if (!last()) {
      chain_.run(step_ + 1, {format_, chain_.steps_[step_ + 1].scratch, chain_.origin_, notes_});
      return;
    }
    // Before the document is completed: its parts must not be larger than its head can say. What
    // was begun is taken back with the failure.
    if (chain_.payload_->size() + notes_.size() > chain_.largest_.count) {
      if (!chain_.failure_) chain_.failure_ = too_large(chain_.largest_);
      chain_.payload_->rewind(chain_.before_);  // whatever else it emits is dropped, too
      return;
    }
    chain_.payload_->end_document(notes_);
    if (lossy_) ++chain_.lossy_;
    ++chain_.emitted_;
  }

 private:
  bool last() const { return step_ + 1 == chain_.steps_.size(); }

  Chain& chain_;
  std::size_t step_;
  std::string inherited_;
  std::string notes_;
  bool lossy_;
  bool begun_ = false;
  Format format_ = Format::kBytes;
};

Result<Chain> Chain::make(const std::vector<Component>& components,
                          const ProcessorContext& context) {
  Chain chain(context);
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

Result<Chain> Chain::make(const ProcessorDefinition& definition, Log& log) {
  const ComponentSet set = processor_set();
  const auto components = parse_components(definition.processors, set);
  if (!components) return components.error();
  ProcessorContext context;
  context.xml = read_options(definition.limits, definition.xml);
  context.largest_payload = largest_payload(definition.limits);
  context.log = &log;
  context.files = std::make_shared<NamedFiles>(definition.files);
  return make(*components, context);
}

void Chain::process(std::uint32_t index, const DocumentView& document, PayloadWriter& payload) {
  if (steps_.empty()) return pass(index, document, payload);
  index_ = index;
  origin_ = document.origin;
  payload_ = &payload;
  emitted_ = 0;
  failure_.reset();
  before_ = payload.mark();
  run(0, document);
  if (failure_) {
    payload.rewind(before_);
    payload.dead(index, document, utf8_beginning(*failure_, kLongestReason));
  } else if (emitted_ == 0) {
    payload.filtered(index);
  }
}

// Every processor checks what it reads; without one nobody has.
void Chain::pass(std::uint32_t index, const DocumentView& document, PayloadWriter& payload) {
  if (document.format == Format::kJson) {
    if (auto scanned = json_.scan(document.bytes, tape_); !scanned) {
      const std::string reason = "transformer: " + scanned.error().text;
      return payload.dead(index, document, utf8_beginning(reason, kLongestReason));
    }
  }
  payload.document(index, document);
}

void Chain::run(std::size_t step, const DocumentView& document) {
  if (failure_) return;
  StepEmitter emitter(*this, step, document.notes);
  if (progress_ != nullptr) progress_->in(steps_[step].name.c_str());
  auto done = steps_[step].processor->process(document, emitter);
  // Back in the step before, which may emit more.
  if (progress_ != nullptr && step > 0) progress_->in(steps_[step - 1].name.c_str());
  if (!done && !failure_)
    failure_ = fmt::format("transformer.{}: {}", steps_[step].name, done.error().text);
}

}  // namespace docmill

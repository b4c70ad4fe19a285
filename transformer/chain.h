// Chain: the processors of one revision, in order. Makes the outputs of one input document.
//
// One thread; each worker has its own.
#pragma once

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/units.h"
#include "shared/document/json_scanner.h"
#include "shared/protocol/payload.h"
#include "shared/runtime/component.h"
#include "shared/runtime/processor_definition.h"
#include "transformer/processor_context.h"
#include "transformer/worker_progress.h"

namespace docmill {

class Chain {
 public:
  // An Error says which processor cannot be made, and why.
  static Result<Chain> make(const std::vector<Component>& components,
                            const ProcessorContext& context);
  // The same from a definition, which has every file and the limits: outputs that are larger than
  // these allow are refused, whatever this daemon's own file says. log must outlive the Chain.
  static Result<Chain> make(const ProcessorDefinition& definition, Log& log);

  // Appends what becomes of the document: outputs, a note that it was filtered, or a dead letter.
  // What claims to be JSON leaves only if it is. Never fails.
  void process(std::uint32_t index, const DocumentView& document, PayloadWriter& payload);
  // Says to it which processor runs; it outlives the chain.
  void tell(WorkerProgress& progress) { progress_ = &progress; }
  // Outputs so far of which a conversion lost something.
  std::uint64_t lossy() const { return lossy_; }

 private:
  struct Step {
    std::string name;
    std::unique_ptr<Processor> processor;
    std::string scratch;  // what the step before emits
  };
  class StepEmitter;

  explicit Chain(const ProcessorContext& context)
      : largest_{std::min<std::uint64_t>(context.largest_payload.count,
                                         std::numeric_limits<std::uint32_t>::max())},
        json_({json_limits(context.xml.limits)}) {}
  void pass(std::uint32_t index, const DocumentView& document, PayloadWriter& payload);
  void run(std::size_t step, const DocumentView& document);

  Bytes largest_;
  WorkerProgress* progress_ = nullptr;
  std::vector<Step> steps_;
  JsonScanner json_;
  JsonTape tape_;
  std::uint64_t lossy_ = 0;
  // Of the document at hand.
  std::uint32_t index_ = 0;
  Origin origin_;
  PayloadWriter* payload_ = nullptr;
  PayloadWriter::Mark before_;
  std::uint64_t emitted_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace docmill

// FormerSource: opens a producer's reader, also when the source that an earlier pipeline file named
// cannot be opened any more.
//
// The former source is needed for batches that may have been sent and are not settled, and for an
// input that was begun and not finished. If it is needed for nothing, the source of the pipeline
// file follows at once. Otherwise the producer does not start, unless an operator gives up what is
// left (shared/store/source_request.h). One thread.
#pragma once

#include <memory>
#include <vector>

#include "producer/batch_reader.h"
#include "shared/store/producer_store.h"

namespace docmill {

// What it decides is durable, and in the state, when it returns. Nothing is decided before the
// source that follows could be opened.
Result<std::unique_ptr<BatchReader>> open_reader(ProducerStore& store, ProducerState& state,
                                                 const Plan& plan,
                                                 const std::vector<SourceComponent>& components,
                                                 const SourceContext& context);

}  // namespace docmill

// WantedSource: whether the source in the pipeline file could be opened, before a former one is
// finished in its favor.
//
// A former source may be drained for hours. A source that cannot be opened then would end the
// producer; found out at once, it only refuses the start or the reload. One thread.
#pragma once

#include <vector>

#include "producer/source_context.h"
#include "shared/protocol/producer_state.h"

namespace docmill {

// Opens it for a moment, unless it is opened at the start anyway. Errors are those of opening it.
Result<void> try_wanted_source(const ProducerState& state, const Plan& plan,
                               const std::vector<SourceComponent>& components,
                               const SourceContext& context);

}  // namespace docmill

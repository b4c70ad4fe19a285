// What an operator has decided about lost and restored sinks, taken over when a producer opens.
#pragma once

#include "shared/protocol/producer_state.h"
#include "shared/runtime/daemon.h"
#include "shared/store/producer_store.h"
#include "shared/store/state_folder.h"

namespace docmill {

// Applies the decisions that wait in the folder and logs them. Warns of batches whose sink the
// pipeline file does not list, since they wait until it does or the sink is forgotten.
Result<void> take_over_sink_decisions(Daemon& daemon, const StateFolder& folder,
                                      ProducerStore& store, ProducerState& state,
                                      const std::vector<std::string>& active);

}  // namespace docmill

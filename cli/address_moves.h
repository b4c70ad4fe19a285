// AddressMoves: which of the running daemons cannot have the addresses that a pipeline file gives
// them.
//
// The daemons move one after the other. Looked at before the first one is told, so that a reload
// does not end with some of them at their new addresses and the others without knowing these. A
// pure function but for the ports, which are bound for an instant, and for names, which are looked
// up: 127.0.0.1 and localhost are one address.
#pragma once

#include <string>
#include <vector>

#include "cli/running_daemon.h"
#include "shared/config/pipeline.h"

namespace docmill {

// Sets the outcome of each daemon that cannot move, and returns the first one; null when all can.
// daemons: in the order in which they are told; one that has an outcome already does not move.
// Checks only TCP addresses, and binds only those of daemons in the network namespace of this
// process.
const RunningDaemon* check_address_moves(const PipelineConfig& config,
                                         std::vector<RunningDaemon>& daemons);

}  // namespace docmill

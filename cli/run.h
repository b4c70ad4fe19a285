// docmill run: a whole pipeline on this machine, as real daemons, with a balance at the end.
#pragma once

#include "cli/supervision.h"

namespace docmill {

// 0 when everything that was read is accounted for, 1 when not, 78 for what is wrong with the file
// or the state, and the code of a daemon that could not go on.
int run_command(const RunOptions& options);

}  // namespace docmill

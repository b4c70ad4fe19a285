// docmill run: a whole pipeline on this machine, as real daemons, with a balance at the end.
#pragma once

#include "cli/supervision.h"

namespace docmill {

// 0 when everything that was read is accounted for and nothing waits; 1 when the balance does not
// add up; 65 when some of the input could not be read; 75 when documents wait in a spool or
// somebody stopped a producer; 78 for
// what is wrong with the file or the state; and the code of a daemon that could not continue.
int run_command(const RunOptions& options);

}  // namespace docmill

// stdout: a line for each document to the standard output of the sink, for pipes.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent stdout_output();

}  // namespace docmill

// keep: lets documents through that have something.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent keep_processor();

}  // namespace docmill

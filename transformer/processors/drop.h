// drop: filters documents that have something.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent drop_processor();

}  // namespace docmill

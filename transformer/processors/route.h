// route: notes where a document goes.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent route_processor();

}  // namespace docmill

// add: adds elements, attributes, members and items.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent add_processor();

}  // namespace docmill

// rename: gives elements, attributes and members another name.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent rename_processor();

}  // namespace docmill

// key: notes what a document is known by.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent key_processor();

}  // namespace docmill

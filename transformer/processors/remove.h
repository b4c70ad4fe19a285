// remove: removes parts of documents.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent remove_processor();

}  // namespace docmill

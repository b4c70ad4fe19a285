// validate: refuses documents that a schema does not allow.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent validate_processor();

}  // namespace docmill

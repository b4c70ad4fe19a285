// set: gives elements or attributes of XML a content.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent set_processor();

}  // namespace docmill

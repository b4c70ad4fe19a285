// select: makes documents of parts of XML.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent select_processor();

}  // namespace docmill

// text: makes text of documents.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent text_processor();

}  // namespace docmill

// jq: makes documents of JSON by a program of jq.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent jq_processor();

}  // namespace docmill

// to_json: makes JSON of XML.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent to_json_processor();

}  // namespace docmill

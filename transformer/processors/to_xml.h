// to_xml: makes XML of JSON.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent to_xml_processor();

}  // namespace docmill

// xslt: makes a document of XML by a stylesheet.
#pragma once

#include "transformer/processor_context.h"

namespace docmill {

ProcessorComponent xslt_processor();

}  // namespace docmill

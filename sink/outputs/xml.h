// xml: files in which the documents stand inside one root element.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent xml_output();

}  // namespace docmill

// json: files that are one array of JSON each.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent json_output();

}  // namespace docmill

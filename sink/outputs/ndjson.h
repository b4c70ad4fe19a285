// ndjson: appends each document to a file, one line per document.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent ndjson_output();

}  // namespace docmill

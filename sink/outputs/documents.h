// documents: a file for each document.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent documents_output();

}  // namespace docmill

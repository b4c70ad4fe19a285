// `deliver`: hands documents to other programs over ZeroMQ, which answer for each.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent deliver_output();

}  // namespace docmill

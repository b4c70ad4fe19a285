// http: posts documents to a server, at least once, with a key by which it can tell repeats.
#pragma once

#include "sink/output_context.h"

namespace docmill {

OutputComponent http_output();

}  // namespace docmill

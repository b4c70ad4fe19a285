// Every output there is. A new one is one line here, one file in sink/outputs and one test.
#include "sink/output_context.h"
#include "sink/outputs/ndjson.h"
#include "sink/outputs/zmq.h"

namespace docmill {

std::vector<OutputComponent> output_components() { return {ndjson_output(), zmq_output()}; }

}  // namespace docmill

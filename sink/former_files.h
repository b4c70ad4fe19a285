// Files and spools of outputs that are not in the pipeline file any more.
#pragma once

#include <memory>
#include <vector>

#include "shared/runtime/component.h"
#include "sink/output_context.h"

namespace docmill {

// Before the first document, after the outputs are open, which see to their own files. What was
// committed gets its names, what was not goes; it comes again, and to the outputs that are there
// now. kConfig: a file that may be somebody else's by now is longer than what was committed; it is
// left as it is.
Result<void> finish_former_files(const OutputContext& context,
                                 const std::vector<std::unique_ptr<Output>>& outputs);

}  // namespace docmill

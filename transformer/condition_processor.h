// What `keep` and `drop` are: a processor that lets a document pass as it is, or filters it, by a
// condition.
#pragma once

#include <string>

#include "transformer/processor_context.h"

namespace docmill {

// passes: what the condition has to say of a document that passes.
ProcessorComponent condition_processor(std::string key, std::string summary, bool passes);

}  // namespace docmill

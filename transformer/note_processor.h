// What `route` and `key` are: a processor that notes a text about each document, a constant one or
// one found in it.
#pragma once

#include <string>
#include <string_view>

#include "transformer/processor_context.h"

namespace docmill {

// note: the name of the note (notes.h), for ever.
ProcessorComponent note_processor(std::string key, std::string summary, std::string_view note);

}  // namespace docmill

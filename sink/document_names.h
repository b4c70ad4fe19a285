// What a document, and its format, are called where others see them.
#pragma once

#include <string>
#include <string_view>

#include "shared/runtime/component.h"

namespace docmill {

// The same for this document for ever, at most 255 bytes.
std::string idempotency_key(const DocumentId& id);
// "xml", "json", "text" or "bytes".
std::string_view name_of(Format format);

}  // namespace docmill

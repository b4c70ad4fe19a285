// Expat's own verdict on a document, with namespaces on: what the guard is measured by.
#pragma once

#include <string_view>

#include "shared/document/xml_splitter.h"

namespace docmill {

// Nothing outside of the document is fetched; a reference that would need it is a failure. Thread
// safe. When false, `failure` says what and where.
bool expat_accepts(std::string_view bytes, XmlFailure& failure);

}  // namespace docmill

// A document's root element in one way of writing, so that equal content is equal text: attributes
// sorted, nothing left to expand, no comments, no CDATA sections. The suite's outputs are written
// so.
#pragma once

#include <string>
#include <string_view>

#include "shared/document/xml_tape.h"

namespace docmill::conformance {

// By expat, which fetches nothing. Empty when expat does not accept the document.
std::string canonical(std::string_view xml);
// What docmill's tape says.
std::string canonical(const XmlTape& tape);

}  // namespace docmill::conformance

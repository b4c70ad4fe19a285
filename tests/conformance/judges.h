// The other parsers' verdicts on a document, under docmill's refusals: namespaces on, nothing
// outside of the document fetched, a reference that would need it an error.
#pragma once

#include <string_view>

namespace docmill::conformance {

bool libxml2_accepts(std::string_view bytes);
// pugixml knows no refusals and no namespaces: what its parser alone says, all node types on.
bool pugixml_accepts(std::string_view bytes);

}  // namespace docmill::conformance

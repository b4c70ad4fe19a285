// Pugixml's nodes as XML text, and their names. A private header: pugixml is known here, in
// xml_nodes*.cpp and in xml_tree*.
//
// Not pugixml's own writer: that one leaves tabs and carriage returns bare, which read back as
// something else, and pads comments.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/document/xpath_namespaces.h"

namespace docmill {

// Appends the element and all below it.
void append_element(std::string& out, pugi::xml_node element);
// The same as a document of its own: with what the element inherits from its ancestors.
void append_alone(std::string& out, pugi::xml_node element);
// Whether the prefix is declared at the element.
bool declares_prefix(pugi::xml_node element, std::string_view prefix);
// The namespace that the prefix has at the element; empty when it has none.
std::string_view namespace_of(pugi::xml_node element, std::string_view prefix);
// A name with a prefix of `namespaces`, or one that is declared at the element, as it has to be
// written there. A namespace that has no prefix there is declared by the element. Failure:
// kMalformed.
Result<std::string> name_at(pugi::xml_node element, std::string_view name, bool attribute,
                            const PathNamespaces& namespaces);
// The attribute of that expanded name.
pugi::xml_attribute attribute_at(pugi::xml_node element, std::string_view name);

}  // namespace docmill

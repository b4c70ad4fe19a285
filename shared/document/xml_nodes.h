// Pugixml's nodes as XML text. A private header: pugixml is known here, in xml_nodes.cpp and in
// xml_tree.cpp.
//
// Not pugixml's own writer: that one leaves tabs and carriage returns bare, which read back as
// something else, and pads comments.
#pragma once

#include <pugixml.hpp>
#include <string>

namespace docmill {

// Appends the element and all below it.
void append_element(std::string& out, pugi::xml_node element);
// The same as a document of its own: with what the element inherits from its ancestors.
void append_alone(std::string& out, pugi::xml_node element);
// Whether the prefix is declared at the element.
bool declares_prefix(pugi::xml_node element, std::string_view prefix);

}  // namespace docmill

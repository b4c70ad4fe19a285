// What an XmlPath and an XmlTree hold. A private header: pugixml is known here, in xml_nodes.* and
// in xml_tree*.cpp.
#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "shared/document/xml_reader.h"
#include "shared/document/xml_tree.h"

namespace docmill {

struct XmlPath::Query {
  std::string text;
  pugi::xpath_query compiled;
};

struct XmlTree::Nodes {
  explicit Nodes(const XmlReadOptions& options) : reader(options) {}

  XmlReader reader;
  std::vector<char> bytes;  // parsed in place: the document points into it
  pugi::xml_document document;
};

// All text in the element, in order.
std::string text_in(pugi::xml_node element);
// Replaces the element's content.
void set_text(pugi::xml_node element, const std::string& value);
// Failure: kMalformed, without the path.
Result<void> add_to(pugi::xml_node parent, const XmlAddition& addition,
                    const PathNamespaces& namespaces);

}  // namespace docmill

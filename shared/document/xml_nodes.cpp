#include "shared/document/xml_nodes.h"

#include <vector>

#include "shared/document/inherited_attributes.h"
#include "shared/document/xml_text.h"

namespace docmill {
namespace {

void append_start(std::string& out, pugi::xml_node element, std::string_view more) {
  out.append("<").append(element.name()).append(more);
  for (const pugi::xml_attribute attribute : element.attributes()) {
    out.append(" ").append(attribute.name()).append("=\"");
    append_attribute(out, attribute.value());
    out += '"';
  }
  out += element.first_child() ? ">" : "/>";
}

// A value that was set may contain what ends the section; it is text then.
void append_cdata(std::string& out, std::string_view content) {
  if (content.find("]]>") != content.npos) return append_text(out, content);
  out.append("<![CDATA[").append(content).append("]]>");
}

void append_node(std::string& out, pugi::xml_node node) {
  switch (node.type()) {
    case pugi::node_element:
      append_element(out, node);
      break;
    case pugi::node_pcdata:
      append_text(out, node.value());
      break;
    case pugi::node_cdata:
      append_cdata(out, node.value());
      break;
    case pugi::node_comment:
      out.append("<!--").append(node.value()).append("-->");
      break;
    case pugi::node_pi:
      out.append("<?").append(node.name());
      if (*node.value() != '\0') out.append(" ").append(node.value());
      out.append("?>");
      break;
    default:
      break;  // a declaration or a DOCTYPE: not part of an element
  }
}

void append_with(std::string& out, pugi::xml_node element, std::string_view more) {
  append_start(out, element, more);
  if (!element.first_child()) return;
  for (const pugi::xml_node child : element.children()) append_node(out, child);
  out.append("</").append(element.name()).append(">");
}

}  // namespace

void append_element(std::string& out, pugi::xml_node element) { append_with(out, element, ""); }

void append_alone(std::string& out, pugi::xml_node element) {
  std::vector<pugi::xml_node> ancestors;
  for (pugi::xml_node up = element.parent(); up; up = up.parent()) ancestors.push_back(up);
  InheritedAttributes inherited;
  for (std::size_t i = ancestors.size(); i-- > 0;) {
    for (const pugi::xml_attribute attribute : ancestors[i].attributes()) {
      if (is_inherited(attribute.name())) inherited.add(i, attribute.name(), attribute.value());
    }
  }
  std::string more;
  inherited.append_missing(more, [element](const std::string& name) {
    return !element.attribute(name.c_str()).empty();
  });
  append_with(out, element, more);
}

bool declares_prefix(pugi::xml_node element, std::string_view prefix) {
  if (prefix == "xml") return true;
  const std::string declaration = "xmlns:" + std::string(prefix);
  for (; element; element = element.parent()) {
    if (element.attribute(declaration.c_str())) return true;
  }
  return false;
}

}  // namespace docmill

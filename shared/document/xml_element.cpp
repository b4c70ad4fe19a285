#include "shared/document/xml_element.h"

#include <fmt/format.h>

#include "shared/document/xml_nodes.h"
#include "shared/document/xml_text.h"
#include "shared/document/xml_tree_parts.h"

namespace docmill {
namespace {

pugi::xml_node element_from(pugi::xml_node node) {
  while (node && node.type() != pugi::node_element) node = node.next_sibling();
  return node;
}

Result<void> check_text(std::string_view name, std::string_view text) {
  if (is_xml_text(text)) return {};
  return malformed(fmt::format("{}: the value has characters that XML cannot carry", name));
}

}  // namespace

XmlElement XmlElement::parent() const {
  const pugi::xml_node up = pugi::xml_node(node_).parent();
  return XmlElement(up.type() == pugi::node_element ? up.internal_object() : nullptr);
}

XmlElement XmlElement::first_child() const {
  return XmlElement(element_from(pugi::xml_node(node_).first_child()).internal_object());
}

XmlElement XmlElement::next_sibling() const {
  return XmlElement(element_from(pugi::xml_node(node_).next_sibling()).internal_object());
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> all;
  for (XmlElement child = first_child(); child; child = child.next_sibling()) all.push_back(child);
  return all;
}

std::vector<XmlElement> XmlElement::iterate(std::string_view name) const {
  std::vector<XmlElement> all;
  for (XmlElement at = *this; at;) {
    if (name.empty() || at.name() == name) all.push_back(at);
    XmlElement next = at.first_child();
    for (; !next && at != *this; at = at.parent()) next = at.next_sibling();
    at = next;
  }
  return all;
}

std::vector<XmlElement> XmlElement::find_all(const XmlPath& path) const {
  std::vector<XmlElement> all;
  if (path.query_->compiled.return_type() != pugi::xpath_type_node_set) return all;
  pugi::xpath_node_set found = path.query_->compiled.evaluate_node_set(pugi::xml_node(node_));
  found.sort();
  for (const pugi::xpath_node& one : found) {
    if (one.node().type() == pugi::node_element) {
      all.push_back(XmlElement(one.node().internal_object()));
    }
  }
  return all;
}

XmlElement XmlElement::find(const XmlPath& path) const {
  const std::vector<XmlElement> all = find_all(path);
  return all.empty() ? XmlElement() : all.front();
}

std::string_view XmlElement::name() const { return pugi::xml_node(node_).name(); }
std::string XmlElement::text() const { return text_in(pugi::xml_node(node_)); }

std::optional<std::string_view> XmlElement::attribute(std::string_view name) const {
  for (const pugi::xml_attribute one : pugi::xml_node(node_).attributes()) {
    if (name == one.name()) return one.value();
  }
  return std::nullopt;
}

Result<XmlElement> XmlElement::add(std::string_view name, std::string_view text) {
  if (auto checked = check_text(name, text); !checked) return checked.error();
  if (name.starts_with('@')) return malformed("'@' is for paths; use set_attribute");
  const pugi::xml_node element(node_);
  if (auto added = add_to(element, {.name = name, .value = text}, {}); !added) {
    return added.error();
  }
  return XmlElement(element.last_child().internal_object());
}

Result<void> XmlElement::set_text(std::string_view text) {
  if (auto checked = check_text(name(), text); !checked) return checked;
  docmill::set_text(pugi::xml_node(node_), std::string(text));
  return {};
}

Result<void> XmlElement::set_attribute(std::string_view name, std::string_view value) {
  if (auto checked = check_text(name, value); !checked) return checked;
  if (std::string problem = xml_name_problem(name); !problem.empty()) return malformed(problem);
  if (pugi::xml_attribute there = attribute_at(pugi::xml_node(node_), name)) {
    there.set_value(std::string(value).c_str());
    return {};
  }
  return add_to(pugi::xml_node(node_), {.name = "@" + std::string(name), .value = value}, {});
}

}  // namespace docmill

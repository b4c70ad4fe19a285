#include <fmt/format.h>

#include <optional>

#include "shared/document/xml_nodes.h"

namespace docmill {
namespace {

struct Parts {
  std::string_view prefix;
  std::string_view local;
};

Parts parts_of(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == name.npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

// A prefix that means the namespace at the element: "" (where an element may have none), or
// nullopt.
std::optional<std::string> prefix_of(pugi::xml_node element, std::string_view uri, bool attribute) {
  for (pugi::xml_node up = element; up; up = up.parent()) {
    for (const pugi::xml_attribute declared : up.attributes()) {
      const Parts name = parts_of(declared.name());
      const bool standard = name.prefix.empty() && name.local == "xmlns";
      if ((!standard && name.prefix != "xmlns") || uri != declared.value()) continue;
      const std::string_view prefix = standard ? "" : name.local;
      // One nearer to the element may have given the prefix another meaning.
      if (!(standard && attribute) && namespace_of(element, prefix) == uri) {
        return std::string(prefix);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view namespace_of(pugi::xml_node element, std::string_view prefix) {
  if (prefix == "xml") return "http://www.w3.org/XML/1998/namespace";
  const std::string name = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (; element; element = element.parent()) {
    if (const pugi::xml_attribute found = element.attribute(name.c_str())) return found.value();
  }
  return {};
}

Result<std::string> name_at(pugi::xml_node element, std::string_view name, bool attribute,
                            const PathNamespaces& namespaces) {
  const Parts parts = parts_of(name);
  if (parts.prefix.empty()) return std::string(name);
  const auto meant = namespaces.find(std::string(parts.prefix));
  if (meant == namespaces.end()) {
    if (declares_prefix(element, parts.prefix)) return std::string(name);
    return malformed(
        fmt::format("namespace prefix '{}' is not declared in the document", parts.prefix));
  }
  std::optional<std::string> prefix = prefix_of(element, meant->second, attribute);
  if (!prefix) {
    // Not one that means something here already: names below may use it.
    prefix = parts.prefix;
    for (int i = 1; declares_prefix(element, *prefix); ++i) {
      prefix = fmt::format("{}{}", parts.prefix, i);
    }
    element.append_attribute(("xmlns:" + *prefix).c_str()).set_value(meant->second.c_str());
  }
  return prefix->empty() ? std::string(parts.local) : fmt::format("{}:{}", *prefix, parts.local);
}

pugi::xml_attribute attribute_at(pugi::xml_node element, std::string_view name) {
  const Parts wanted = parts_of(name);
  for (const pugi::xml_attribute attribute : element.attributes()) {
    const Parts parts = parts_of(attribute.name());
    if (name == attribute.name()) return attribute;
    if (parts.local == wanted.local && !parts.prefix.empty() && !wanted.prefix.empty() &&
        namespace_of(element, parts.prefix) == namespace_of(element, wanted.prefix)) {
      return attribute;
    }
  }
  return {};
}

}  // namespace docmill

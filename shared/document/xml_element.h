// XmlElement: one element of an XmlTree, to walk, to read and to change.
//
// A handle: it copies, and costs nothing. It is good until the tree is loaded again, ends, or the
// element is removed; a default one, and what is not found, is false and may only be asked whether
// it is. Names are as they are written, prefix included. Not for several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace pugi {
struct xml_node_struct;
}

namespace docmill {

class XmlPath;

class XmlElement {
 public:
  XmlElement() = default;

  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(const XmlElement&) const = default;

  // Walking; comments, instructions and texts are passed over.
  XmlElement parent() const;
  XmlElement first_child() const;
  XmlElement next_sibling() const;
  std::vector<XmlElement> children() const;
  // This element and those in it, in document order: all, or those of one name.
  std::vector<XmlElement> iterate(std::string_view name = {}) const;

  // What an XPath finds from here, of elements; the first of them.
  std::vector<XmlElement> find_all(const XmlPath& path) const;
  XmlElement find(const XmlPath& path) const;

  std::string_view name() const;
  // All text in it, in order.
  std::string text() const;
  std::optional<std::string_view> attribute(std::string_view name) const;

  // Changing. Failure: kMalformed: no name of XML, a prefix that is not declared here, or
  // characters that XML cannot carry; nothing is changed then.
  Result<XmlElement> add(std::string_view name, std::string_view text = {});
  Result<void> set_text(std::string_view text);
  Result<void> set_attribute(std::string_view name, std::string_view value);

 private:
  friend class XmlTree;
  explicit XmlElement(pugi::xml_node_struct* node) : node_(node) {}
  pugi::xml_node_struct* node_ = nullptr;
};

}  // namespace docmill

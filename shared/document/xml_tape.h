// XmlTape: a document that was found well-formed, as a flat list of nodes that point into its
// bytes.
//
// It is what the scanner leaves behind and what writers of other formats read: no allocation for a
// node, no copy of a name. The declaration and a DOCTYPE are not on it. Whoever owns the bytes
// keeps them while the tape is used.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace docmill {

// Attributes follow their element at once; then come its contents in document order.
struct XmlNode {
  enum class Kind : std::uint8_t { kElement, kAttribute, kText, kCdata, kComment, kInstruction };

  std::uint32_t start = 0;  // of the name, or of the text
  std::uint32_t length = 0;
  union {
    std::uint32_t end = 0;  // element: the index after its last descendant
    std::uint32_t value;    // attribute: where its value starts; instruction: its data
  };
  std::uint32_t value_length = 0;
  Kind kind = Kind::kElement;
  bool exact : 1 = true;  // text, value: the bytes are the content; nothing is to be decoded
  bool has_elements : 1 = false;  // of an element, all of these: at least one child element
  bool has_text : 1 = false;      // text that is not white space, or CDATA
  bool has_comments : 1 = false;
  bool has_instructions : 1 = false;
};

struct XmlTape {
  std::string_view source;
  std::vector<XmlNode> nodes;  // around the root element there are comments and instructions only
  std::uint32_t root = 0;      // index of the root element

  std::string_view text(const XmlNode& node) const {
    return {source.data() + node.start, node.length};
  }
  // Of an attribute or an instruction.
  std::string_view value(const XmlNode& node) const {
    return {source.data() + node.value, node.value_length};
  }
  // The index of the first node after an element's attributes.
  std::uint32_t content_of(std::uint32_t element) const {
    std::uint32_t i = element + 1;
    while (i < nodes[element].end && nodes[i].kind == XmlNode::Kind::kAttribute) ++i;
    return i;
  }
  // The index after the node and all that is below it.
  std::uint32_t next_of(std::uint32_t node) const {
    return nodes[node].kind == XmlNode::Kind::kElement ? nodes[node].end : node + 1;
  }
  // Appends what the element's own texts and CDATA sections mean.
  void append_own_text(std::uint32_t element, std::string& out) const;
};

}  // namespace docmill

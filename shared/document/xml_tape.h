// XmlTape: a document that was found well-formed, as a flat list of nodes that point into its
// bytes.
//
// It is what the scanner leaves behind and what writers of other formats read: no allocation for a
// node, no copy of a name. Comments, processing instructions and the declaration are not on it.
// Whoever owns the bytes keeps them while the tape is used.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace docmill {

// Attributes follow their element at once; then come its texts and elements in document order.
struct XmlNode {
  enum class Kind : std::uint8_t { kElement, kAttribute, kText, kCdata };

  std::uint32_t start = 0;  // of the name, or of the text
  std::uint32_t length = 0;
  union {
    std::uint32_t end = 0;  // element: the index after its last descendant
    std::uint32_t value;    // attribute: where its value starts
  };
  std::uint32_t value_length = 0;
  Kind kind = Kind::kElement;
  bool exact = true;          // text, value: the bytes are the content; nothing has to be decoded
  bool has_elements = false;  // element: at least one child element
  bool has_text = false;      // element: text that is not white space, or CDATA
};

struct XmlTape {
  std::string_view source;
  std::vector<XmlNode> nodes;  // the first is the root element

  std::string_view text(const XmlNode& node) const {
    return {source.data() + node.start, node.length};
  }
  std::string_view value(const XmlNode& attribute) const {
    return {source.data() + attribute.value, attribute.value_length};
  }
};

}  // namespace docmill
